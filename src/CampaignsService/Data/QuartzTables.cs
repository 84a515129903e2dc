using Microsoft.EntityFrameworkCore.Migrations;
using Quartz;

namespace ZohoPlatform.CampaignsService.Data;

internal static class QuartzTables
{
    extension(MigrationBuilder migration)
    {
        /// <summary>
        /// The scheduler's own tables, as its package describes them: made here because the service's role may not make any.
        /// </summary>
        public void CreateQuartzTables()
        {
            const string Prefix = "qrtz_";
            using var script = typeof(IScheduler).Assembly.GetManifestResourceStream("Quartz.Impl.AdoJobStore.Schema.create_postgres.sql")
                ?? throw new InvalidOperationException("This version of Quartz has no script of its PostgreSQL tables.");
            using var reader = new StreamReader(script);
            var statements = reader.ReadToEnd()
                .Replace("{0}", Prefix, StringComparison.Ordinal)
                .Replace("{1}", Prefix, StringComparison.Ordinal)
                .Split("\n--;;", StringSplitOptions.RemoveEmptyEntries)
                .Where(statement => statement.Contains("CREATE", StringComparison.Ordinal));
            foreach (var statement in statements)
            {
                migration.Sql(statement);
            }
        }
    }
}
