using Grpc.Net.Client;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Testing;
using ZohoPlatform.TokenService.Data;
using Wire = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>One replica of the service as a process of its own, and the way to call it.</summary>
internal sealed class ReplicaProcess : IAsyncDisposable
{
    private readonly ServiceProcess _process;
    private readonly GrpcChannel _channel;

    private ReplicaProcess(ServiceProcess process)
    {
        _process = process;
        _channel = GrpcChannel.ForAddress(process.Address);
        Tokens = new Wire.AccessTokens.AccessTokensClient(_channel);
        Connections = new Wire.Connections.ConnectionsClient(_channel);
        Settings = new Wire.IntegrationSettingsStore.IntegrationSettingsStoreClient(_channel);
        Audit = new AuditLog.AuditLogClient(_channel);
    }

    public Wire.AccessTokens.AccessTokensClient Tokens { get; }

    public Wire.Connections.ConnectionsClient Connections { get; }

    public Wire.IntegrationSettingsStore.IntegrationSettingsStoreClient Settings { get; }

    public AuditLog.AuditLogClient Audit { get; }

    public static async Task<ReplicaProcess> StartAsync(IEnumerable<KeyValuePair<string, string?>> configuration) =>
        new(await ServiceProcess.StartAsync("TokenService", await new TokensDatabase().PrepareAsync(configuration)));

    /// <inheritdoc cref="ServiceProcess.KillAsync"/>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>No test waits for a replica to end in peace.</summary>
    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _process.KillAsync();
        await _process.DisposeAsync();
    }
}
