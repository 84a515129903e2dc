using System.Diagnostics;
using Grpc.Net.Client;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>One replica of the service as a process of its own, which a test can kill.</summary>
internal sealed class ReplicaProcess : IDisposable
{
    private readonly Process _process;
    private readonly GrpcChannel _channel;

    private ReplicaProcess(Process process, string address)
    {
        _process = process;
        _channel = GrpcChannel.ForAddress(address);
        Tokens = new Wire.AccessTokens.AccessTokensClient(_channel);
        Connections = new Wire.Connections.ConnectionsClient(_channel);
        Settings = new Wire.IntegrationSettingsStore.IntegrationSettingsStoreClient(_channel);
        Audit = new Wire.AuditLog.AuditLogClient(_channel);
        Webhooks = new Wire.Webhooks.WebhooksClient(_channel);
    }

    public Wire.AccessTokens.AccessTokensClient Tokens { get; }

    public Wire.Connections.ConnectionsClient Connections { get; }

    public Wire.IntegrationSettingsStore.IntegrationSettingsStoreClient Settings { get; }

    public Wire.AuditLog.AuditLogClient Audit { get; }

    public Wire.Webhooks.WebhooksClient Webhooks { get; }

    public static async Task<ReplicaProcess> StartAsync(IEnumerable<KeyValuePair<string, string?>> configuration)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TokenService.dll")])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in configuration)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.Environment["Kestrel__Endpoints__http__Url"] = "http://127.0.0.1:0";
        start.Environment["Kestrel__Endpoints__http__Protocols"] = "Http2";
        var process = Process.Start(start)!;
        try
        {
            return new ReplicaProcess(process, await AddressAsync(process));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL: nothing of it runs any more when this returns.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await _process.WaitForExitAsync(limit.Token);
    }

    public void Dispose()
    {
        _channel.Dispose();
        _process.Kill();
        _process.Dispose();
    }

    private static async Task<string> AddressAsync(Process replica)
    {
        const string Mark = "Now listening on: ";
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (await replica.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.IndexOf(Mark, StringComparison.Ordinal) is var at and >= 0)
            {
                // what it says from here on is not wanted, and must not fill its pipe
                _ = replica.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return line[(at + Mark.Length)..].Trim();
            }
        }

        throw new InvalidOperationException("The replica ended before it listened.");
    }
}
