using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;
using ZohoPlatform.Client.Campaigns;

namespace ZohoPlatform.Cli.Campaigns.Syncs;

/// <summary><c>zoho campaigns syncs</c>: looks after syncs that were started, from any machine.</summary>
internal static class SyncsCommand
{
    private static readonly Argument<string> Id = new("id") { HelpName = "ID", Description = "Of the sync." };

    private static readonly Option<int> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "At most so many syncs.",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<bool> Verbose = new("--verbose") { Description = "One line per contact." };

    private static readonly Option<FileInfo?> Destination = new("--output")
    {
        HelpName = "FILE",
        Description = "A file for the ledger; stdout when absent.",
    };

    public static Command Create()
    {
        var show = new Command("show", "How a sync stands.") { Id };
        show.Runs(
            (parsed, terminal, cancellationToken) => ShowAsync(parsed, terminal, (syncs, id) => syncs.GetAsync(id, cancellationToken)));
        var pause = new Command("pause", "Stop after the calls that are under way.") { Id };
        pause.Runs(
            (parsed, terminal, cancellationToken) => ShowAsync(parsed, terminal, (syncs, id) => syncs.PauseAsync(id, cancellationToken)));
        var resume = new Command("resume", "Go on.") { Id };
        resume.Runs(
            (parsed, terminal, cancellationToken) => ShowAsync(parsed, terminal, (syncs, id) => syncs.ResumeAsync(id, cancellationToken)));
        var cancel = new Command("cancel", "End it: what was pushed stays pushed.") { Id };
        cancel.Runs(
            (parsed, terminal, cancellationToken) => ShowAsync(parsed, terminal, (syncs, id) => syncs.CancelAsync(id, cancellationToken)));
        var delete = new Command("delete", "Delete one that has ended, with its ledger: what was pushed stays pushed.") { Id };
        delete.Runs(DeleteAsync);
        var follow = new Command("follow", "Watch a sync to its end.") { Id, Verbose };
        follow.Runs(async (parsed, terminal, cancellationToken) =>
        {
            using var client = Credentials.Connect(terminal);
            return await new SyncFollower(client, terminal, parsed.GetValue(Verbose)).FollowAsync(
                parsed.GetRequiredValue(Id), cancellationToken);
        });
        var export = new Command("export", "What became of every contact: CSV, or with --json one object a line.") { Id, Destination };
        export.Runs(ExportAsync);
        var command = new Command("syncs", "Syncs that were started, newest first.") { Limit, show, follow, pause, resume, cancel, export, delete };
        command.Runs(ListAsync);
        return command;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(terminal);
        var syncs = await client.Campaigns.Syncs.ListAsync().Take(parsed.GetValue(Limit)).ToListAsync(cancellationToken);
        terminal.Document(syncs, CliJson.Default.ListSync);
        terminal.Table(
            ["Id", "State", "Source", ">Processed", ">Failed", "Created"],
            [.. syncs.Select(sync => (string[])
                [
                    sync.Id,
                    ApiName.Of(sync.State) + (sync.DryRun ? " (dry run)" : ""),
                    sync.Source,
                    $"{Words.Of(sync.Counts.Processed)}/{Words.Of(sync.Counts.Total)}",
                    Words.Of(sync.Counts.Errors + sync.Counts.Invalid),
                    Words.Of(sync.CreatedAt),
                ])]);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, Func<SyncsClient, string, Task<Sync>> ask)
    {
        using var client = Credentials.Connect(terminal);
        var sync = await ask(client.Campaigns.Syncs, parsed.GetRequiredValue(Id));
        terminal.Document(sync, CliJson.Default.Sync);
        SyncSummary.Table(sync, terminal);
        terminal.Line($"{ApiName.Of(sync.State)}{CommandWords.Because(sync.Message)}");
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(terminal);
        var id = parsed.GetRequiredValue(Id);
        await client.Campaigns.Syncs.DeleteAsync(id, cancellationToken);
        terminal.Document(new SyncLine("deleted") { Id = id }, CliJson.Default.SyncLine);
        terminal.Line($"Deleted sync {id} and its ledger.");
        return ExitCode.Done;
    }

    private static async Task<int> ExportAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        if (terminal.IsJson && parsed.GetValue(Destination) is not null)
        {
            throw new CommandFailure(
                "output_not_json", "--output writes CSV, and --json writes lines to standard output: leave one of them out, or redirect with > FILE.");
        }

        using var client = Credentials.Connect(terminal);
        var id = parsed.GetRequiredValue(Id);
        if (terminal.IsJson)
        {
            await foreach (var contact in client.Campaigns.Syncs.ContactsAsync(id).WithCancellation(cancellationToken))
            {
                terminal.Document(contact, CliJson.Default.SyncContact);
            }

            return ExitCode.Done;
        }

        if (parsed.GetValue(Destination) is not { } file || StandardOutput.Contains(file.FullName))
        {
            await using var stdout = Console.OpenStandardOutput();
            await client.Campaigns.Syncs.ExportAsync(id, stdout, cancellationToken: cancellationToken);
            return ExitCode.Done;
        }

        await WriteAsync(client, id, file, cancellationToken);
        terminal.Line($"Wrote {file}.");
        return ExitCode.Done;
    }

    // opened by its name it would be written from its beginning
    private static readonly string[] StandardOutput = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

    // a file that bears the name is a whole one; a device or a pipe is written as it is, and a link stays one
    private static async Task WriteAsync(PlatformClient client, string id, FileInfo file, CancellationToken cancellationToken)
    {
        var unfinished = "";
        try
        {
            // by the name that was given: what a link of /dev/fd says of a pipe is no path
            if (Path.Exists(file.FullName))
            {
                await using var there = new FileStream(file.FullName, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
                if (!IsPlainFile(there))
                {
                    await client.Campaigns.Syncs.ExportAsync(id, there, cancellationToken: cancellationToken);
                    return;
                }
            }

            file = file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
            unfinished = $"{file.FullName}.{Path.GetRandomFileName()}";
            await using (var content = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write))
            {
                if (!OperatingSystem.IsWindows() && file.Exists)
                {
                    File.SetUnixFileMode(unfinished, File.GetUnixFileMode(file.FullName));
                }

                await client.Campaigns.Syncs.ExportAsync(id, content, cancellationToken: cancellationToken);
            }

            File.Move(unfinished, file.FullName, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure("file_unwritable", $"{file} cannot be written: {e.Message}");
        }
        finally
        {
            if (File.Exists(unfinished))
            {
                File.Delete(unfinished);
            }
        }
    }

    // .NET says of a device that it is a normal file; its length is what nobody can set
    private static bool IsPlainFile(FileStream stream)
    {
        if (!stream.CanSeek)
        {
            return false;
        }

        try
        {
            stream.SetLength(stream.Length);
            return true;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return false;
        }
    }
}
