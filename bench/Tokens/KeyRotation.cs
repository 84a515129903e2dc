using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Testing;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.Bench.Tokens;

/// <summary>
/// Both keys are replaced under two replicas while tokens are handed out: the data key on request, the master key by rollouts.
/// </summary>
internal static class KeyRotation
{
    private const int Connections = 100_000;
    private const int HandOutsPerSecond = 500;

    private static readonly TimeSpan RotationLimit = TimeSpan.FromMinutes(10);

    public static Task<IReadOnlyList<Figure>> MeasureAsync(int rounds) => Figure.OfRoundsAsync(rounds, MeasureAsync);

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var bed = await TokenBed.StartAsync();
        using var limit = new CancellationTokenSource(RotationLimit);
        await using var pair = await ReplicaPair.StartAsync(bed.Settings);
        await using var service = bed.BuildService();
        var keys = await TokenBed.SeedAsync(service, tenants: 100, Connections / 100);
        await using var clients = pair.BuildClients();
        using var load = new HandOutLoad(clients.Services.GetRequiredService<AccessTokens.AccessTokensClient>(), bed, keys);
        var ring = clients.Services.GetRequiredService<KeyRing.KeyRingClient>();
        var running = load.RunAsync(HandOutsPerSecond);

        var (seconds, values) = await RotateDataKeyAsync(ring, bed, limit.Token);
        var rollouts = Stopwatch.StartNew();
        var next = TokenBed.NewKey();
        foreach (var masterKeys in (string[])[$"{bed.MasterKey},{next}", $"{next},{bed.MasterKey}", next])
        {
            await pair.RollOutAsync(masterKeys);
        }

        var rolledOut = rollouts.Elapsed.TotalSeconds;
        load.Stop();
        await running;
        var status = await ring.GetStatusAsync(new(), bed.GatewaysTicket(), cancellationToken: limit.Token);
        if (status.OnOlderKeys != 0)
        {
            throw new InvalidOperationException($"{status.OnOlderKeys} values are on an older key yet.");
        }

        return
        [
            new Figure("data key: sealed values", "", [values]),
            new Figure("data key: time until all are new", "s", [seconds]),
            new Figure("data key: rate", "1/s", [values / seconds]),
            new Figure("master key: time of three rollouts", "s", [rolledOut]),
            new Figure(
                "hand-outs meanwhile", "1/s", [load.Answered / load.Elapsed.TotalSeconds], new Target(AtLeast: HandOutsPerSecond * 0.99)),
            new Figure("hand-outs that failed", "", [load.Failed], Target.None),
        ];
    }

    private static async Task<(double Seconds, double Values)> RotateDataKeyAsync(
        KeyRing.KeyRingClient ring, TokenBed bed, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var status = (await ring.StartRotationAsync(new(), bed.GatewaysTicket(), cancellationToken: cancellationToken)).Status;
        var values = status.SealedValues;
        while (status.OnOlderKeys > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
            status = await ring.GetStatusAsync(new(), bed.GatewaysTicket(), cancellationToken: cancellationToken);
        }

        return (watch.Elapsed.TotalSeconds, values);
    }

    /// <summary>Two replicas at fixed addresses; each is stopped and started with other master keys while the other one serves.</summary>
    private sealed class ReplicaPair(Dictionary<string, string?> settings, int[] ports) : IAsyncDisposable
    {
        private readonly ServiceProcess[] _replicas = new ServiceProcess[ports.Length];

        public static async Task<ReplicaPair> StartAsync(Dictionary<string, string?> settings)
        {
            var pair = new ReplicaPair(settings, [FreePort(), FreePort()]);
            for (var i = 0; i < pair._replicas.Length; i++)
            {
                await pair.StartReplicaAsync(i);
            }

            return pair;
        }

        /// <summary>Clients as a service of the platform has them.</summary>
        public WebApplication BuildClients()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.Configuration.AddInMemoryCollection(ports.Select((port, i) => new KeyValuePair<string, string?>(
                string.Create(CultureInfo.InvariantCulture, $"services:tokens:grpc:{i}"),
                string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"))));
            builder.AddServiceClient<AccessTokens.AccessTokensClient>("tokens", repeatable: ["GetAccessToken"]);
            builder.AddServiceClient<KeyRing.KeyRingClient>("tokens", repeatable: ["GetStatus"]);
            return builder.Build();
        }

        public async Task RollOutAsync(string masterKeys)
        {
            settings["Secrets:MasterKey"] = masterKeys;
            for (var i = 0; i < _replicas.Length; i++)
            {
                await _replicas[i].DisposeAsync();
                await StartReplicaAsync(i);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var replica in _replicas)
            {
                await replica.DisposeAsync();
            }
        }

        private async Task StartReplicaAsync(int i) => _replicas[i] = await ServiceProcess.StartAsync("TokenService", settings, ports[i]);

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }

    /// <summary>
    /// Callers that together begin so many calls a second, each for any of the connections; who is late begins at once, so that a service
    /// that is too slow is seen by the rate.
    /// </summary>
    private sealed class HandOutLoad(AccessTokens.AccessTokensClient client, TokenBed bed, IReadOnlyList<ConnectionKey> keys) : IDisposable
    {
        private const int Callers = 50;

        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentQueue<string> _failures = [];
        private int _answered;

        public int Answered => _answered;

        public int Failed => _failures.Count;

        public TimeSpan Elapsed { get; private set; }

        public void Stop() => _stop.Cancel();

        public void Dispose() => _stop.Dispose();

        public async Task RunAsync(int perSecond)
        {
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
            {
                for (var call = caller; !_stop.IsCancellationRequested; call += Callers)
                {
                    var due = TimeSpan.FromSeconds((double)call / perSecond) - watch.Elapsed;
                    if (due > TimeSpan.Zero)
                    {
                        await Task.Delay(due, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    }

                    await CallAsync(keys[Random.Shared.Next(keys.Count)]);
                }
            }));
            Elapsed = watch.Elapsed;
            foreach (var failure in _failures.CountBy(text => text, StringComparer.Ordinal))
            {
                await Console.Error.WriteLineAsync($"{failure.Value} hand-outs failed: {failure.Key}");
            }
        }

        private async Task CallAsync(ConnectionKey key)
        {
            try
            {
                await client.GetAccessTokenAsync(
                    new() { ConnectionId = key.Id.ToString(), Purpose = "bench.rotation" }, bed.TicketOf(key.Tenant));
                Interlocked.Increment(ref _answered);
            }
            catch (RpcException e)
            {
                _failures.Enqueue(e.Status.ToString());
            }
        }
    }
}
