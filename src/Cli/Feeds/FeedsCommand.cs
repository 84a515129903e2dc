using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Crm;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client.Crm;

namespace ZohoPlatform.Cli.Feeds;

/// <summary><c>zoho feeds</c>: which modules of Zoho CRM are followed, and how that goes.</summary>
internal static class FeedsCommand
{
    private static readonly Argument<string> Named = IdSource.Feeds.Argument("Of the feed; its module does as well where no other feed has it.");

    private static readonly Option<string?> Kind = new Option<string?>("--kind")
    {
        HelpName = "KIND",
        Description = "changes: what was changed since the last look, also when absent; check: all that differs; full: everything.",
    }.OneOf([.. ApiName.All<FeedRunKind>()]);

    private static readonly Option<int> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "At most so many runs.",
        DefaultValueFactory = _ => 20,
        CustomParser = result => Values.WholeNumber(result, 1),
    };

    private static readonly Option<bool> Delete = new("--delete") { Description = "They are deleted here, too." };

    private static readonly Option<bool> Keep = new("--keep") { Description = "None is deleted; the feed rests until it is resumed." };

    public static Command Create()
    {
        var show = new Command("show", "How a feed stands, and how far it is with what it does.") { Named };
        show.Runs((parsed, terminal, cancellationToken) => ShowAsync(
            parsed, terminal, (feeds, id) => feeds.GetAsync(id, cancellationToken), cancellationToken));
        var runs = new Command("runs", "What a feed has done, newest first.") { Named, Limit };
        runs.Runs(RunsAsync);
        var refresh = new Command("refresh", "Have it look at once.") { Named, Kind };
        refresh.Runs((parsed, terminal, cancellationToken) => ShowAsync(
            parsed,
            terminal,
            (feeds, id) => feeds.RefreshAsync(
                id,
                new FeedRefresh { Kind = ApiName.TryParse<FeedRunKind>(parsed.GetValue(Kind), out var kind) ? kind : null },
                cancellationToken),
            cancellationToken));
        var pause = new Command("pause", "Let it rest until it is resumed.") { Named };
        pause.Runs((parsed, terminal, cancellationToken) => ShowAsync(
            parsed, terminal, (feeds, id) => feeds.PauseAsync(id, cancellationToken), cancellationToken));
        var resume = new Command("resume", "Let it go on where it was.") { Named };
        resume.Runs((parsed, terminal, cancellationToken) => ShowAsync(
            parsed, terminal, (feeds, id) => feeds.ResumeAsync(id, cancellationToken), cancellationToken));
        var confirm = new Command("confirm-deletions", "Say what becomes of records that are gone from Zoho CRM, more than go without your word.")
        {
            Named, Delete, Keep,
        };
        confirm.Runs(ConfirmAsync);
        var feeds = new Command("feeds", "Modules of Zoho CRM that are followed.") { show, runs, refresh, pause, resume, confirm };
        feeds.Lists(ListAsync);
        return feeds;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var feeds = await client.Crm.Feeds.ListAsync(cancellationToken);
        terminal.Document([.. feeds], CliJson.Default.ListFeed);
        if (feeds.Count == 0)
        {
            terminal.Line(
                "There are none. A feed is a module of Zoho CRM that is followed; a service of the platform makes it when it needs the module, and "
                    + "ends it when it does no more.");
            return ExitCode.Done;
        }

        terminal.Table(
            ["Id", "Module", "State", ">Records", "Known until", "Why"],
            [.. feeds.Select(feed => (string[])
                [
                    feed.Id,
                    feed.Module,
                    ApiName.Of(feed.State),
                    Words.Of(feed.Records),
                    Words.Of(feed.KnownUntilAt),
                    feed.Message is { } why ? CommandWords.Said(why) : "-",
                ])]);
        return ExitCode.Done;
    }

    private static async Task<int> RunsAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = await IdOfAsync(client.Crm.Feeds, parsed.GetRequiredValue(Named), cancellationToken);
        var runs = await client.Crm.Feeds.RunsAsync(id).Take(parsed.GetValue(Limit)).ToListAsync(cancellationToken);
        terminal.Document(runs, CliJson.Default.ListFeedRun);
        if (runs.Count == 0)
        {
            terminal.Line("It has ended none yet.");
            return ExitCode.Done;
        }

        terminal.Table(
            ["Ended", "Kind", "Took", ">Read", ">Written", ">Deleted", ">Calls", ">Records"],
            [.. runs.Select(run => (string[])
                [
                    Words.Of(run.EndedAt),
                    ApiName.Of(run.Kind),
                    Words.Of(run.EndedAt - run.StartedAt),
                    Words.Of(run.Read),
                    Words.Of(run.Written),
                    Words.Of(run.Deleted),
                    Words.Of(run.Calls),
                    Words.Of(run.Records),
                ])]);
        return ExitCode.Done;
    }

    private static Task<int> ConfirmAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var delete = parsed.GetValue(Delete);
        if (delete == parsed.GetValue(Keep))
        {
            throw new CommandFailure("answer_which", "Say what becomes of them, --delete or --keep.", ExitCode.Usage);
        }

        return ShowAsync(
            parsed, terminal, (feeds, id) => feeds.ConfirmDeletionsAsync(id, new DeletionsAnswer(delete), cancellationToken), cancellationToken);
    }

    private static async Task<int> ShowAsync(
        ParseResult parsed, Terminal terminal, Func<FeedsClient, string, Task<Feed>> ask, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var feeds = client.Crm.Feeds;
        var feed = await ask(feeds, await IdOfAsync(feeds, parsed.GetRequiredValue(Named), cancellationToken));
        terminal.Document(feed, CliJson.Default.Feed);
        FeedSheet.Show(feed, terminal);
        return ExitCode.Done;
    }

    private static async Task<string> IdOfAsync(FeedsClient feeds, string idOrModule, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(idOrModule, out _))
        {
            return idOrModule;
        }

        var found = (await feeds.ListAsync(cancellationToken))
            .Where(feed => feed.Module.Equals(idOrModule, StringComparison.OrdinalIgnoreCase))
            .ToList();
        return found switch
        {
            [var one] => one.Id,
            [] => throw new CommandFailure("feed_not_found", $"No feed has the module {idOrModule}: zoho feeds shows those that exist."),
            _ => throw new CommandFailure(
                "feed_not_clear",
                $"{found.Count} feeds have the module {idOrModule}, each of another connection: name one by its id, as zoho feeds shows it."),
        };
    }
}
