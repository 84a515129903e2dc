using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// Tells PostgreSQL which tenant, and which owner in it, a connection works for, as soon as it is open, and keeps it open until its context is disposed: Entity
/// Framework would close it behind every query, and the tenant would have to be said before each.
/// </summary>
/// <remarks>
/// The setting lasts until the connection goes back to the pool: Npgsql's reset (DISCARD ALL) drops it, so the next user starts with none.
/// That reset is why the connection string must not say <c>No Reset On Close=true</c>, which <see cref="StorageHosting"/> checks.
/// </remarks>
internal sealed class TenantConnection : DbConnectionInterceptor
{
    public static readonly TenantConnection Interceptor = new();

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        // one that was lost and is opened again has its place
        if (eventData.Context is TenantDbContext { Places: { } places, Place: null } context)
        {
            context.Place = await places.TakeAsync(context.Tenant, cancellationToken);
        }

        return result;
    }

    // nobody blocks a thread of a service for a database: what is asked so is asked asynchronously or not at all
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) =>
        throw new NotSupportedException("A tenant's database is asked asynchronously: use the method that ends in Async.");

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (CommandFor(connection, eventData) is { } command)
        {
            await using (command)
            {
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }

        await (eventData.Context?.Database.OpenConnectionAsync(cancellationToken) ?? Task.CompletedTask);
    }

    private static NpgsqlCommand? CommandFor(DbConnection connection, ConnectionEndEventData eventData)
    {
        if (eventData.Context is not TenantDbContext { Tenant: var tenant, Owner: var owner } || tenant == TenantId.None)
        {
            return null;
        }

        var command = new NpgsqlCommand("SELECT set_config('app.tenant_id', $1, false)", (NpgsqlConnection)connection);
        command.Parameters.Add(Text(tenant.ToString()));
        if (owner is not null)
        {
            command.CommandText += ", set_config('app.owner', $2, false)";
            command.Parameters.Add(Text(owner));
        }

        return command;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
