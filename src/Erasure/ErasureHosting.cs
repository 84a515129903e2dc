using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Erasure;

public static class ErasureHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// The erasure of tenants from the host's own database. A service that must do something before registers a
        /// <see cref="BeforeErasure"/>.
        /// </summary>
        /// <param name="except">Tables that outlive a tenant's erasure, because they say that it goes on.</param>
        public void AddErasure<TContext>(params string[] except)
            where TContext : TenantDbContext =>
            builder.Services.AddSingleton(services => new TenantErasure(
                services.GetRequiredService<TenantDb<TContext>>().For,
                except,
                services.GetService<BeforeErasure>(),
                services.GetRequiredService<TimeProvider>()));
    }

    extension(WebApplication app)
    {
        public void MapErasure() => app.MapGrpcService<TenantDataGrpc>();
    }
}
