using System.CommandLine;
using System.Net;
using ZohoPlatform.Api.Audit;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;
using ZohoPlatform.Client.Audit;

namespace ZohoPlatform.Cli.Audit;

/// <summary>Asks for what is new in the audit again and again, and says where to go on when the person goes away.</summary>
internal sealed class AuditFollower(string? after, AuditFilter filter, Terminal terminal)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private string? _cursor = after;

    public async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        // the audit of years is an export's
        var wanted = _cursor is null && filter.From is null ? filter with { From = TimeProvider.System.GetUtcNow() } : filter;
        try
        {
            while (true)
            {
                var isAll = await ShowNewAsync(client, wanted, cancellationToken);
                if (isAll)
                {
                    await Task.Delay(Pause, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (_cursor is not null)
            {
                terminal.Note($"Go on with: zoho audit follow --after {_cursor}");
            }

            return ExitCode.Interrupted;
        }
    }

    // whether nothing is left for now
    private async Task<bool> ShowNewAsync(PlatformClient client, AuditFilter wanted, CancellationToken cancellationToken)
    {
        AuditFeed feed;
        try
        {
            feed = await client.Audit.FollowAsync(_cursor, wanted, cancellationToken);
        }
        catch (PlatformException e) when (e.Status is HttpStatusCode.TooManyRequests)
        {
            // other commands of the same key may ask, too
            return true;
        }

        foreach (var entry in feed.Entries)
        {
            terminal.Document(new AuditLine("entry") { Entry = entry }, CliJson.Default.AuditLine);
            terminal.Line($"{Words.Of(entry.OccurredAt)}  {entry.Actor}  {entry.Action}  {entry.Subject}");
        }

        if (feed.Cursor != _cursor)
        {
            _cursor = feed.Cursor;
            terminal.Document(new AuditLine("cursor") { Cursor = _cursor }, CliJson.Default.AuditLine);
        }

        return feed.Entries.Count == 0;
    }
}

/// <summary>A line of <c>zoho audit follow --json</c>: an <c>entry</c>, or the <c>cursor</c> to go on after what was shown.</summary>
internal sealed record AuditLine(string Event)
{
    public AuditEntry? Entry { get; init; }

    public string? Cursor { get; init; }
}
