using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Campaigns;
using ZohoPlatform.Simulator.HubSpot;

namespace ZohoPlatform.Simulator.World;

/// <summary>Everything that outlives a restart. Codes, quotas, counters, faults and settings do not.</summary>
/// <param name="Directory">Zoho's clients, people and organisations.</param>
/// <param name="Ledger">Zoho's tokens.</param>
/// <param name="Campaigns">Lists and contacts.</param>
/// <param name="HubSpot">HubSpot's tokens; null in a file from before HubSpot was played.</param>
internal sealed record WorldSnapshot(
    DirectorySnapshot Directory, LedgerSnapshot Ledger, IReadOnlyList<AccountSnapshot> Campaigns, HubSpotSnapshot? HubSpot = null);

/// <summary>
/// Fills the world at the start, from <c>Simulator:StateFile</c> or afresh, and keeps the file: a whole snapshot, put in place by a rename,
/// a second after a change and at the stop.
/// </summary>
internal sealed partial class StateFile(
    IOptions<SimulatorOptions> options, DemoWorld demo, Directory directory, TokenLedger ledger, CampaignsAccounts accounts,
    HubSpotLedger hubSpot, StateChanges changes, ILogger<StateFile> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly string? _path = options.Value.StateFile;
    private bool _saveAtStop;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (_path is not null && File.Exists(_path))
        {
            Load(_path);
        }
        else
        {
            demo.Build();
        }

        _saveAtStop = true;
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // not after a start that failed on the file, and only once: a second stop may come when the next simulator has the file
        if (_path is not null && Interlocked.Exchange(ref _saveAtStop, false))
        {
            await SaveAsync(_path, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_path is not null)
        {
            await changes.WaitAsync(stoppingToken);
            await Task.Delay(Pause, TimeProvider.System, stoppingToken);
            try
            {
                await SaveAsync(_path, stoppingToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogNotSaved(e, _path);
                changes.Mark();
            }
        }
    }

    private void Load(string path)
    {
        try
        {
            var snapshot = JsonSerializer.Deserialize<WorldSnapshot>(File.ReadAllBytes(path), Format)
                ?? throw new JsonException("It is empty.");
            directory.Restore(snapshot.Directory);
            ledger.Restore(snapshot.Ledger);
            accounts.Restore(snapshot.Campaigns);
            if (snapshot.HubSpot is { } tokens)
            {
                hubSpot.Restore(tokens);
            }
            else
            {
                hubSpot.Build();
            }
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException(
                $"Simulator:StateFile: {path} is not a state of this simulator. Delete it to start afresh.", e);
        }

        demo.PutClient();
        LogLoaded(path);
    }

    private async Task SaveAsync(string path, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var next = full + ".next";
        // contacts and secrets, invented or not, are nobody else's
        var opening = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            opening.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var file = new FileStream(next, opening))
        {
            var snapshot = new WorldSnapshot(directory.Snapshot(), ledger.Snapshot(), accounts.Snapshot(), hubSpot.Snapshot());
            await JsonSerializer.SerializeAsync(file, snapshot, Format, cancellationToken);
        }

        File.Move(next, full, overwrite: true);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The world is as it was left in {Path}")]
    private partial void LogLoaded(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "The world could not be kept in {Path}")]
    private partial void LogNotSaved(Exception exception, string path);
}
