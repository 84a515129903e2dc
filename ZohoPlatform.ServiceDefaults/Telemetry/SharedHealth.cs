using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>
/// One look at the whole of a host's health for all who ask within a second: a look writes to what the host needs, and whoever reaches the
/// port may ask.
/// </summary>
internal sealed class SharedHealth(HealthCheckService checks, TimeProvider clock) : HealthCheckService
{
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<HealthReport>? _look;
    private long _begun;

    /// <summary>Stands before what <c>AddHealthChecks</c> registers.</summary>
    public static void Add(IServiceCollection services)
    {
        var own = services.Last(service => service.ServiceType == typeof(HealthCheckService)).ImplementationType!;
        services.Replace(ServiceDescriptor.Singleton<HealthCheckService>(provider => new SharedHealth(
            (HealthCheckService)ActivatorUtilities.CreateInstance(provider, own), provider.GetRequiredService<TimeProvider>())));
    }

    public override Task<HealthReport> CheckHealthAsync(
        Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken = default) =>
        predicate is null ? Look().WaitAsync(cancellationToken) : checks.CheckHealthAsync(predicate, cancellationToken);

    private Task<HealthReport> Look()
    {
        lock (_lock)
        {
            if (_look is null || clock.GetElapsedTime(_begun) >= Holds)
            {
                _begun = clock.GetTimestamp();
                // each check has a limit of its own; who gives up does not end it for the others
                _look = checks.CheckHealthAsync(CancellationToken.None);
            }

            return _look;
        }
    }
}
