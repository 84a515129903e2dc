using Grpc.Core;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Contract = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>The connections that keys are made for: looked at before a key is made, and named wherever one is shown.</summary>
internal sealed partial class KeyConnections(
    Contract.Connections.ConnectionsClient connections, ServiceCalls calls, ILogger<KeyConnections> logger)
{
    /// <summary>What the key is to hold for, or which of it is no connection that it could.</summary>
    public async Task<Result<List<KeyConnection>>> CheckAsync(TenantId tenant, WantedApiKey wanted, CancellationToken cancellationToken)
    {
        if (wanted.Connections.Count == 0)
        {
            return new List<KeyConnection>();
        }

        var known = await ListAsync(tenant, cancellationToken);
        var found = new List<KeyConnection>(wanted.Connections.Count);
        foreach (var id in wanted.Connections)
        {
            if (!known.TryGetValue(id, out var connection) || (wanted.Owner is not null && connection.Owner != wanted.Owner))
            {
                return Failure.InvalidField(
                    "permissions",
                    wanted.Owner is null
                        ? "connection_ids may name connections of the tenant: list them to see their ids."
                        : "connection_ids may name connections of the key's owner: list the connections to see whose they are.");
            }

            found.Add(connection);
        }

        return found;
    }

    /// <summary>
    /// What a key shows of its connections. A list of keys is there without the service that knows them, for whoever has to delete one.
    /// </summary>
    public async Task<Func<ApiKey, IReadOnlyList<KeyConnection>>> DescribeAsync(
        TenantId tenant, IReadOnlyList<ApiKey> keys, CancellationToken cancellationToken)
    {
        var known = keys.Any(key => key.Permissions.Count > 0) ? await TryListAsync(tenant, cancellationToken) : [];
        return key => [.. key.ConnectionIds.Select(id => known.GetValueOrDefault(id) ?? new KeyConnection(id, null, null, []))];
    }

    private async Task<Dictionary<string, KeyConnection>> TryListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync(tenant, cancellationToken);
        }
        catch (RpcException e) when (e.ToFailure() is { Kind: FailureKind.Unavailable } away)
        {
            LogNotDescribed(away.Code);
            return [];
        }
    }

    private async Task<Dictionary<string, KeyConnection>> ListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var answer = await connections.ListConnectionsAsync(new(), calls.AsItself(tenant, cancellationToken));
        return answer.Connections.ToDictionary(
            connection => connection.Id,
            connection => new KeyConnection(connection.Id, connection.Provider, connection.Owner, connection.GrantedScopes),
            StringComparer.Ordinal);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "API keys are shown without what their connections can do: {Code}")]
    private partial void LogNotDescribed(string code);
}
