using ZohoPlatform.Api;
using ZohoPlatform.Api.Crm;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Feeds;

/// <summary>All that is known of one feed.</summary>
internal static class FeedSheet
{
    private const int BarWidth = 24;

    public static void Show(Feed feed, Terminal terminal)
    {
        terminal.Facts(
            ("Feed", feed.Id),
            ("Module", feed.Module),
            ("Connection", feed.ConnectionId),
            ("State", ApiName.Of(feed.State)),
            ("Records", Words.Of(feed.Records)),
            ("Known until", Words.Of(feed.KnownUntilAt)),
            ("All compared", Words.Of(feed.ComparedAt)),
            ("Zoho told", Words.Of(feed.NotifiedAt)),
            ("Fields", string.Join(", ", feed.Fields)),
            ("Not there", string.Join(", ", feed.MissingFields)),
            ("Wanted by", string.Join(", ", feed.Subscribers)),
            ("Now", feed.Progress is { } progress ? LineOf(progress) : null));
        if (feed.Message is { } message)
        {
            terminal.Line($"Since {Words.Of(feed.FailedSinceAt)}{CommandWords.Because(message)}", feed.State is FeedState.Asking ? "yellow" : "red");
        }

        if (feed.State is FeedState.Asking)
        {
            var many = Words.Count(feed.Vanishing ?? 0, "record", "records");
            terminal.Line($"{many} or more: zoho feeds confirm-deletions {feed.Id} --delete, or with --keep.");
        }
    }

    private static string LineOf(FeedProgress progress)
    {
        var facts = progress.Expected is { } expected and > 0
            ? $"{BarOf((double)progress.Read / expected)}  {Words.Of(progress.Read)}/{Words.Of(expected)}"
            : $"{Words.Of(progress.Read)} read";
        if (progress.PerSecond > 0)
        {
            facts += $"  {Words.Of(progress.PerSecond)}/s";
        }

        return $"{ApiName.Of(progress.Kind)}  {facts}{(progress.EtaAt is { } end ? $"  ETA {Words.Of(end)}" : "")}";
    }

    // what was expected is a guess, of which more may come
    private static string BarOf(double share)
    {
        var done = (int)(Math.Min(share, 1) * BarWidth);
        return $"[{new string('#', done)}{new string('-', BarWidth - done)}] {Words.Rate(Math.Min(share, 1))}";
    }
}
