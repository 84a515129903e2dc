using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// A <see cref="Failure"/> on its way out of the handlers, which can only answer or throw. <see cref="ProviderAnswer.SendAsync"/> turns it
/// back.
/// </summary>
internal sealed class ProviderFailureException(Failure failure) : Exception(failure.Message)
{
    public Failure Failure { get; } = failure;
}
