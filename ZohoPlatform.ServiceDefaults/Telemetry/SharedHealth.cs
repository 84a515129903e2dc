using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>
/// One look at the whole of a host's health for all who ask within a second: a look writes to what the host needs, and whoever reaches the
/// port may ask. The host itself looks where nobody has asked for a minute.
/// </summary>
internal sealed class SharedHealth(HealthCheckService checks, TimeProvider clock) : HealthCheckService
{
    /// <summary>How often the host itself wants to know.</summary>
    public static readonly TimeSpan OwnPeriod = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(1);

    // a timer is never early by as much
    private static readonly TimeSpan HoldsForItself = OwnPeriod - TimeSpan.FromSeconds(1);

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
        predicate is null ? Look(Holds).WaitAsync(cancellationToken)
            : predicate == ForItself ? Look(HoldsForItself).WaitAsync(cancellationToken)
            : checks.CheckHealthAsync(predicate, cancellationToken);

    /// <summary>By which a look of the host itself is known.</summary>
    public static bool ForItself(HealthCheckRegistration check) => true;

    private Task<HealthReport> Look(TimeSpan holds)
    {
        lock (_lock)
        {
            if (_look is null || clock.GetElapsedTime(_begun) >= holds)
            {
                _begun = clock.GetTimestamp();
                // each check has a limit of its own; who gives up does not end it for the others
                _look = checks.CheckHealthAsync(CancellationToken.None);
            }

            return _look;
        }
    }
}
