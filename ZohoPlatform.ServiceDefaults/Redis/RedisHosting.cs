using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ZohoPlatform.ServiceDefaults.Redis;

public static class RedisHosting
{
    /// <summary>
    /// How the platform reaches the Redis of <paramref name="connectionString"/>: no command waits longer than about two seconds, none
    /// waits for a connection that is not there, and one that is dead is found within some ten seconds.
    /// </summary>
    public static ConfigurationOptions OptionsFor(string connectionString)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 2000;
        options.AsyncTimeout = 1500;                                    // far above any healthy answer, far below what a caller would wait
        options.SyncTimeout = 1500;                                     // also of commands that wait to be written
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(500);     // the client looks for late answers as often as this
        options.KeepAlive = 5;                                          // seconds; the connection that only listens is asked, too
        options.BacklogPolicy = BacklogPolicy.FailFast;                 // callers have something to fall back on: waiting helps nobody
        options.ReconnectRetryPolicy = new LinearRetry(1000);
        options.ConfigurationChannel = options.TieBreaker = "";         // for several primaries; a login of its own keys alone has neither
        return options;
    }

    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// Registers <see cref="RedisServer"/> on <c>ConnectionStrings:redis</c>, which is connected before the host's ports open. A Redis
        /// that is down does not stop the start: it shows as a degraded health check, and the client connects once it is there.
        /// </summary>
        public void AddRedisServer()
        {
            var connectionString = builder.Configuration.GetConnectionString("redis")
                ?? throw new InvalidOperationException(
                    "ConnectionStrings:redis is missing: set it to host:port,password=... of the Redis to use.");
            builder.Services.AddSingleton(_ => new RedisConnection(OptionsFor(connectionString)));
            builder.Services.AddHostedService(services => services.GetRequiredService<RedisConnection>());
            builder.Services.AddSingleton(services => new RedisServer(
                services.GetRequiredService<RedisConnection>().Made, services.GetRequiredService<ILogger<RedisServer>>()));
            builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis", HealthStatus.Degraded);
        }
    }

    private sealed class RedisHealthCheck(RedisServer redis) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                // a write: one that takes none answers a ping all the same
                await redis.AskAsync(database => database.StringSetAsync("health", "", TimeSpan.FromMinutes(1)), cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (RedisUnavailableException e)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
            }
        }
    }
}
