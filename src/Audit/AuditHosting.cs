using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

public static class AuditHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// The audit of a service on its own database, whose model has <c>AddAudit</c>: called behind <c>AddStorage</c>. A host that answers
        /// with <c>MapAudit</c> has <see cref="Tickets"/> too, with whose key it signs its chains' ends.
        /// </summary>
        /// <param name="service">The service's short name, such as <c>tokens</c>.</param>
        /// <param name="actions">Everything that it logs, each spelled <c>area.verb</c>.</param>
        public void AddAudit<TContext>(string service, IReadOnlyList<string> actions)
            where TContext : TenantDbContext
        {
            var services = builder.Services;
            services.AddSingleton(provider => new AuditDatabase(service, actions, provider.GetRequiredService<TenantDb<TContext>>().For));
            services.AddSingleton<AuditChain>();
            services.AddSingleton(provider => new AuditReader(
                provider.GetRequiredService<AuditDatabase>(), provider.GetRequiredService<AuditChain>()));
            services.AddSingleton(provider => new AuditedReads(
                provider.GetRequiredService<AuditDatabase>(), provider.GetRequiredService<TimeProvider>()));
            services.AddWorkQueue(QueuedChaining.Table);
            services.AddHostedService<AuditChainer>();
        }
    }

    extension(WebApplication app)
    {
        public void MapAudit() => app.MapGrpcService<AuditLogGrpc>();
    }
}
