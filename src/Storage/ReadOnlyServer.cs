using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>
/// Lets go of the pools' connections when the server says that it takes no writes: it is a primary no longer, and its sessions would go on
/// saying so while another one is there. Npgsql does this for sessions that ended, and not for those that answer.
/// </summary>
internal sealed class ReadOnlyServer(StoragePools pools) : DbCommandInterceptor
{
    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Look(eventData.Exception);

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Look(eventData.Exception);
        return Task.CompletedTask;
    }

    private void Look(Exception failure)
    {
        if (failure is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction })
        {
            pools.Clear();
        }
    }
}
