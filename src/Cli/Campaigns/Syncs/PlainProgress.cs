using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Campaigns.Syncs;

/// <summary>Lines instead of a bar: one per state, per thing it waits for, and per tenth of the way.</summary>
internal sealed class PlainProgress(Terminal terminal)
{
    private (SyncState State, string? Code, long Tenth) _last;

    public void Show(Sync sync)
    {
        var now = (sync.State, sync.Code, sync.Counts.Total == 0 ? 0 : sync.Counts.Processed * 10 / sync.Counts.Total);
        if (now != _last)
        {
            _last = now;
            string[] parts = [ApiName.Of(sync.State), Facts.Of(sync), sync.Message ?? ""];
            terminal.Line(string.Join(": ", parts.Where(part => part.Length > 0)));
        }
    }
}

/// <summary>How far a sync is, in a few words; nothing before its source is read.</summary>
internal static class Facts
{
    public static string Of(Sync sync)
    {
        if (sync.Counts.Total == 0)
        {
            return "";
        }

        var facts = $"{Words.Of(sync.Counts.Processed)}/{Words.Of(sync.Counts.Total)}";
        if (sync.ResumesAt is { } until)
        {
            return $"{facts}  until {Words.Of(until)}";
        }

        if (sync.ContactsPerMinute > 0)
        {
            facts += $"  {Words.Of(sync.ContactsPerMinute)}/min";
        }

        return sync.EtaAt is { } end ? $"{facts}  ETA {Words.Of(end)}" : facts;
    }
}
