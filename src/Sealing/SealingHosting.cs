using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sealing;

public static class SealingHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// <see cref="Seals"/> and <see cref="Rotation"/> on the service's own database, whose model has <c>AddSealing</c>. Called behind
        /// <c>AddStorage</c>: the ring is looked at once the database is prepared, and before anything else uses it. A start without the master key
        /// that the stored values need is refused.
        /// </summary>
        /// <param name="service">The service's short name, such as <c>tokens</c>. It must not change: what was sealed opens under it alone.</param>
        /// <param name="columns">Every column of the service that holds sealed values.</param>
        public void AddSealing<TContext>(string service, params IReadOnlyList<SealedColumn> columns)
            where TContext : TenantDbContext
        {
            var services = builder.Services;
            services.AddSingleton<IValidateOptions<MasterKeyOptions>, MasterKeyOptionsValidator>();
            services.AddOptions<MasterKeyOptions>().BindConfiguration(MasterKeyOptions.Section).ValidateOnStart();
            services.AddSingleton(provider => provider.GetRequiredService<IOptions<MasterKeyOptions>>().Value.Read());

            services.AddSingleton(provider =>
            {
                var db = provider.GetRequiredService<TenantDb<TContext>>();
                return new SealingDatabase(service, db.DataSource, db.For);
            });
            foreach (var column in columns)
            {
                services.AddSingleton(column);
            }

            services.AddDatabaseSignal(KeyRing.Channel);
            services.AddSingleton<KeyRing>();
            services.AddRing(service);
            services.AddSingleton<SecretRing>();
            services.AddSingleton<IDataProtectionProvider>(provider => provider.GetRequiredService<SecretRing>());
            services.AddHostedService<KeyRingCheck>();
            services.AddSingleton<Seals>();
            services.AddSingleton<Resealer>();
            services.AddHostedService(provider => provider.GetRequiredService<Resealer>());
            services.AddSingleton(provider => new Rotation(
                provider.GetRequiredService<SecretRing>(), provider.GetRequiredService<MasterKeys>(), provider.GetRequiredService<Resealer>()));
        }
    }

    extension(WebApplication app)
    {
        /// <summary>Serves <c>zohoplatform.sealing.v1</c>, the same contract at every service that seals.</summary>
        public void MapSealing() => app.MapGrpcService<KeyRingGrpc>();
    }
}
