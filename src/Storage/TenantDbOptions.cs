using Microsoft.EntityFrameworkCore;

namespace ZohoPlatform.Storage;

/// <summary>The one place that says how contexts are set up, so that work, migration and design time have the same model.</summary>
internal static class TenantDbOptions
{
    extension<TContext>(DbContextOptionsBuilder<TContext> builder)
        where TContext : TenantDbContext
    {
        /// <summary>The options for a builder that knows its database.</summary>
        public DbContextOptions<TContext> Build() => builder
            .UseSnakeCaseNamingConvention()
            .AddInterceptors(TenantConnection.Interceptor)
            .Options;
    }
}
