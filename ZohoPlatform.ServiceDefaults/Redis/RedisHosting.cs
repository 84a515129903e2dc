using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace ZohoPlatform.ServiceDefaults.Redis;

public static class RedisHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// Registers <see cref="RedisServer"/> on <c>ConnectionStrings:redis</c>. A Redis that is down does not stop the start:
        /// it shows as a degraded health check, and the client connects once it is there.
        /// </summary>
        public void AddRedisServer()
        {
            var connectionString = builder.Configuration.GetConnectionString("redis")
                ?? throw new InvalidOperationException("ConnectionStrings:redis is missing: set it to host:port,password=... of the Redis to use.");
            builder.Services.AddSingleton<IConnectionMultiplexer>(_ =>
            {
                var options = ConfigurationOptions.Parse(connectionString);
                options.AbortOnConnectFail = false;
                options.ConnectTimeout = 2000;
                return ConnectionMultiplexer.Connect(options);
            });
            builder.Services.AddSingleton<RedisServer>();
            builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis", HealthStatus.Degraded);
        }
    }

    private sealed class RedisHealthCheck(RedisServer redis) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                var took = await redis.AskAsync(database => database.PingAsync(), cancellationToken);
                return HealthCheckResult.Healthy($"answered in {took.TotalMilliseconds:0.0} ms");
            }
            catch (RedisUnavailableException e)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
            }
        }
    }
}
