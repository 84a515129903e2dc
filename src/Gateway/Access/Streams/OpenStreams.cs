using Microsoft.Extensions.Options;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Streams;

/// <summary>
/// How many streams are open at this replica: of one key, of one owner's keys, of one tenant's, and from one address without a key; and how
/// many uploads, by REST and by gRPC together: of one key, of one tenant's, and of all. Each has less than what it is part of, so that none
/// keeps the others out.
/// </summary>
internal sealed class OpenStreams(IOptions<RateLimitOptions> options) : IDisposable
{
    private static readonly TimeSpan StreamsAgainAfter = TimeSpan.FromSeconds(5);

    // a file takes longer than most would wait
    private static readonly TimeSpan UploadsAgainAfter = TimeSpan.FromSeconds(15);

    private const int ComingForEach = 16;

    private readonly Shares<Caller> _streams = new("streams", StreamsAgainAfter,
    [
        new("This key", caller => caller.Subject, options.Value.StreamsPerKey),
        new("The owner of this key", caller => caller.Owner is { } owner ? $"{caller.Tenant}/{owner}" : null, options.Value.StreamsPerOwner),
        new("This tenant", caller => caller.Tenant.ToString(), options.Value.StreamsPerTenant),
    ]);

    // no key of an owner's uploads anything
    private readonly Shares<Caller> _uploads = new("uploads", UploadsAgainAfter,
    [
        new("This key", caller => caller.Subject, options.Value.UploadsPerKey),
        new("This tenant", caller => caller.Tenant.ToString(), options.Value.UploadsPerTenant),
        new("This replica of the gateway, for all tenants together,", _ => "", options.Value.UploadsAtOnce),
    ]);

    // that come in: many more than are worked on, for anybody may begin to send one and take his time
    private readonly Shares<string> _hooks = new("notifications", StreamsAgainAfter,
    [
        new("This address", address => address, options.Value.HooksAtOncePerAddress),
        new("This replica of the gateway, for all addresses together,", _ => "", ComingForEach * options.Value.HooksAtOnce),
    ]);

    private readonly Shares<string> _hooksAtWork = new("notifications", StreamsAgainAfter,
    [
        new("This replica of the gateway, for all addresses together,", _ => "", options.Value.HooksAtOnce),
    ]);

    private readonly Shares<string> _ofAddresses = new("streams", StreamsAgainAfter,
    [
        new("This address", asked => asked, options.Value.StreamsPerAddress),
    ]);

    /// <summary>One more stream, until it is disposed.</summary>
    public OpenStream Open(Caller caller) => _streams.Open(caller);

    /// <summary>One more upload, until it is disposed.</summary>
    public OpenStream OpenUpload(Caller caller) => _uploads.Open(caller);

    /// <summary>A stream for an address that shows no key, which has so many for each purpose.</summary>
    public OpenStream Open(string purpose, string address) => _ofAddresses.Open($"{purpose}:{address}");

    /// <summary>One more notification of a provider that comes in, until it is disposed.</summary>
    public OpenStream OpenHook(string address) => _hooks.Open(address);

    /// <summary>One more that is here whole and is worked on, until it is disposed.</summary>
    public OpenStream OpenHookAtWork() => _hooksAtWork.Open("");

    public void Dispose()
    {
        _hooks.Dispose();
        _hooksAtWork.Dispose();
        _streams.Dispose();
        _uploads.Dispose();
        _ofAddresses.Dispose();
    }
}
