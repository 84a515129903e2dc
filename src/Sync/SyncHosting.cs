using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sync;

public static class SyncHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// The copies of a service, whose kinds are in its container. Called behind <c>AddStorage</c>; the model has <c>AddCopies</c>, the migration
        /// <c>SignalCopies</c>.
        /// </summary>
        public void AddCopies<TContext>()
            where TContext : TenantDbContext
        {
            var services = builder.Services;
            services.AddWorkQueue(CopyTables.Queue);
            services.AddSingleton(provider => new Copies<TContext>(
                provider.GetRequiredService<TenantDb<TContext>>(),
                // a source may speak of its copies itself
                new Lazy<IEnumerable<CopyKind<TContext>>>(provider.GetServices<CopyKind<TContext>>),
                provider.GetRequiredService<TimeProvider>()));
            services.AddHostedService<CopyWorker<TContext>>();
        }
    }
}
