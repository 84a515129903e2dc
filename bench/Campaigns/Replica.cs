using System.Globalization;
using Google.Protobuf;
using Grpc.Net.Client;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.Bench.Campaigns;

/// <summary>One replica of the campaigns service, and what the tenant asks of it.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(15);

    private readonly CampaignsBed _bed;
    private readonly GrpcChannel _channel;
    private readonly Syncs.SyncsClient _syncs;

    public Replica(CampaignsBed bed, ServiceProcess process)
    {
        (_bed, Process) = (bed, process);
        _channel = GrpcChannel.ForAddress(process.Address);
        _syncs = new Syncs.SyncsClient(_channel);
    }

    /// <inheritdoc cref="ServiceProcess.Address"/>
    public Uri Address => Process.Address;

    public ServiceProcess Process { get; }

    /// <summary>Uploads a CSV file.</summary>
    public async Task<SyncSource> UploadAsync(byte[] file)
    {
        using var call = _syncs.UploadSource(_bed.Ticket());
        await call.RequestStream.WriteAsync(
            new() { Header = new UploadHeader { Format = UploadHeader.Types.Format.Csv, Name = "users.csv" } });
        for (var at = 0; at < file.Length; at += ChunkBytes)
        {
            await call.RequestStream.WriteAsync(
                new() { Chunk = ByteString.CopyFrom(file, at, Math.Min(ChunkBytes, file.Length - at)) });
        }

        await call.RequestStream.CompleteAsync();
        return new SyncSource { UploadId = (await call.ResponseAsync).Id };
    }

    /// <param name="source">Whom to sync.</param>
    /// <param name="rate">Calls a minute; 0 for the platform's own.</param>
    /// <param name="dryRun">Writes nothing at Zoho.</param>
    public async Task<Wire.Sync> CreateAsync(SyncSource source, int rate = 0, bool dryRun = false) => await _syncs.CreateSyncAsync(
        new() { Source = source, ListKey = _bed.ListKey, Rate = rate, DryRun = dryRun }, _bed.Ticket());

    public async Task<Wire.Sync> GetAsync(Wire.Sync sync) => await _syncs.GetSyncAsync(new() { Id = sync.Id }, _bed.Ticket());

    public async Task PauseAsync(Wire.Sync sync) => await _syncs.PauseSyncAsync(new() { Id = sync.Id }, _bed.Ticket());

    public async Task ResumeAsync(Wire.Sync sync) => await _syncs.ResumeSyncAsync(new() { Id = sync.Id }, _bed.Ticket());

    /// <summary>The sync once it has ended well; looks in between are shown to <paramref name="look"/>.</summary>
    public async Task<Wire.Sync> EndOfAsync(Wire.Sync sync, TimeSpan within, Action<Wire.Sync>? look = null)
    {
        using var limit = new CancellationTokenSource(within);
        var said = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var now = await GetAsync(sync);
            look?.Invoke(now);
            switch (now.State)
            {
                case SyncState.Completed:
                    return now;
                case SyncState.Paused or SyncState.Cancelled or SyncState.Failed:
                    throw new InvalidOperationException($"The sync is {now.State}: {now.Message}");
                default:
                    if (TimeProvider.System.GetElapsedTime(said) > SayEvery)
                    {
                        said = TimeProvider.System.GetTimestamp();
                        await Console.Error.WriteLineAsync(string.Create(
                            CultureInfo.InvariantCulture,
                            $"{now.State}: {now.Counts.Processed:#,0} of {now.Counts.Total:#,0}, {now.Calls:#,0} calls {now.Code}"));
                    }

                    await Task.Delay(LookEvery, limit.Token);
                    break;
            }
        }
    }

    /// <summary>What became of every row of the source.</summary>
    public async Task<IReadOnlyList<SyncContact>> LedgerAsync(Wire.Sync sync)
    {
        var contacts = new List<SyncContact>();
        using var call = _syncs.ExportSyncContacts(new() { Id = sync.Id }, _bed.Ticket());
        while (await call.ResponseStream.MoveNext(default))
        {
            contacts.Add(call.ResponseStream.Current);
        }

        return contacts;
    }

    /// <inheritdoc cref="ServiceProcess.KillAsync"/>
    public async Task KillAsync()
    {
        _channel.Dispose();
        await Process.KillAsync();
        await Process.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await Process.DisposeAsync();
    }
}
