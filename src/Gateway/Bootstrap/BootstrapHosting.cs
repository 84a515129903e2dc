using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ZohoPlatform.Gateway.Bootstrap;

internal static class BootstrapHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>The demo tenant's settings from the environment.</summary>
        /// <exception cref="InvalidOperationException">A setting is wrong or contradicts another; the message names it.</exception>
        public void AddBootstrap()
        {
            if (!EnvironmentSettings.Read(builder.Configuration).Succeeded(out var settings, out var failure))
            {
                throw new InvalidOperationException(failure.Message);
            }

            builder.Services.AddSingleton(settings);
            builder.Services.AddSingleton<SettingsFromEnvironment>();
            builder.Services.AddHostedService(services => services.GetRequiredService<SettingsFromEnvironment>());
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                "bootstrap", services => services.GetRequiredService<SettingsFromEnvironment>(), HealthStatus.Unhealthy, tags: null));
        }
    }
}
