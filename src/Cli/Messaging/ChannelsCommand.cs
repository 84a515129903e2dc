using System.CommandLine;
using System.CommandLine.Parsing;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Messaging;

/// <summary>
/// <c>zoho channels</c>: WhatsApp apps through which messages come in. Their secrets come from files and go into files, never onto the
/// screen.
/// </summary>
internal static class ChannelsCommand
{
    private const string VerifyToken = "The verify token";

    private static readonly Argument<string> Id = IdSource.Channels.Argument("As zoho channels shows it.");

    private static readonly Argument<string> Name = new("name") { HelpName = "NAME", Description = "As people know it." };

    private static readonly Option<FileInfo> Save = new("--save")
    {
        HelpName = "FILE",
        Description = "A new file for the verify token, readable by you alone; - for standard output. It is given this once.",
        Required = true,
    };

    private static readonly Option<bool> AskSecret = new("--app-secret")
    {
        Description = "Ask for the app's secret without showing it, or read it from standard input. It is never an argument: others could see it.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<FileInfo?> SecretIn = new("--app-secret-file")
    {
        HelpName = "FILE",
        Description = "A file that holds the app's secret, from Meta's dashboard (App settings, Basic).",
    };

    private static readonly Option<bool> RemoveSecret = new("--remove-app-secret")
    {
        Description = "Take the app's secret away: what comes is refused until there is another one.",
    };

    private static readonly Option<string?> PhoneNumberId = new("--phone-number-id")
    {
        HelpName = "ID",
        Description = "Leave messages of other numbers of the same app alone; \"\" takes those of all.",
    };

    private static readonly Option<string?> NewName = new("--name") { HelpName = "NAME", Description = "As people know it from now on." };

    private static readonly Option<string?> IfUnchanged = new("--etag")
    {
        HelpName = "ETAG",
        Description = "Change it only where nobody else has: the etag that zoho channels show said.",
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Ask nothing." };

    private static readonly Option[] Changes = [NewName, AskSecret, SecretIn, RemoveSecret, PhoneNumberId];

    private static readonly FieldWords Fields = new(
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["app_secret"] = AskSecret, ["phone_number_id"] = PhoneNumberId });

    public static Command Create()
    {
        var create = new Command("create", "Let messages of a WhatsApp app come in.") { Name, Save, AskSecret, SecretIn, PhoneNumberId };
        create.Validators.Add(CheckSecret);
        create.Runs(CreateAsync, Fields);
        var show = new Command("show", "One of them.") { Id };
        show.Runs(ShowAsync);
        var update = new Command("update", "Change one; what is not said stays.") { Id, IfUnchanged };
        foreach (var option in Changes)
        {
            update.Add(option);
        }

        update.Validators.Add(CheckSecret);
        update.Validators.Add(CheckAny);
        update.Runs(UpdateAsync, Fields);
        var delete = new Command("delete", "Delete one: what comes from then on is refused, and its messages stay.") { Id, Yes };
        delete.Runs(DeleteAsync);
        var rotate = new Command("rotate", "Give it another verify token.") { Id, Save };
        rotate.Runs(RotateAsync);
        var channels = new Command("channels", "WhatsApp apps through which messages come in.") { create, show, update, delete, rotate };
        channels.Lists(ListAsync);
        return channels;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var channels = await client.MessagingChannels.ListAsync(cancellationToken);
        terminal.Document([.. channels], CliJson.Default.ListMessagingChannel);
        if (channels.Count == 0)
        {
            terminal.Line("There are none: zoho channels create NAME --app-secret-file FILE --save FILE");
            return ExitCode.Done;
        }

        terminal.Table(
            ["Id", "Name", "App secret", "Number", "Verified", "Received"],
            [.. channels.Select(channel => (string[])
                [
                    channel.Id,
                    channel.Name,
                    channel.AppSecret ?? "none",
                    channel.PhoneNumberId ?? "all",
                    Words.Of(channel.VerifiedAt),
                    Words.Of(channel.ReceivedAt),
                ])]);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        Tell(await client.MessagingChannels.GetAsync(parsed.GetRequiredValue(Id), cancellationToken), terminal);
        return ExitCode.Done;
    }

    private static async Task<int> CreateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var secret = await SecretAsync(parsed, cancellationToken);
        var file = parsed.GetRequiredValue(Save);
        await using var place = SecretFile.Create(file);
        var made = await client.MessagingChannels.CreateAsync(
            new NewMessagingChannel(parsed.GetRequiredValue(Name)) { AppSecret = secret, PhoneNumberId = parsed.GetValue(PhoneNumberId) },
            cancellationToken: cancellationToken);
        await place.WriteAsync(made.VerifyToken, Another(made.Id));
        var missing = secret is null ? $" It takes nothing before it has the app's secret: zoho channels update {made.Id} --app-secret-file FILE." : "";
        place.Tell(
            terminal,
            new MadeChannel(made.Id, made.Name, made.WebhookUrl, file.ToString()),
            CliJson.Default.MadeChannel,
            $"Made channel {made.Id}. Give Meta its verify token and this address (App dashboard, WhatsApp, Configuration): {made.WebhookUrl}{missing}",
            VerifyToken);
        return ExitCode.Done;
    }

    private static async Task<int> UpdateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        // what is not said is not set: null would clear it
        var change = new MessagingChannelChange();
        change = parsed.GetResult(NewName) is null ? change : change with { Name = parsed.GetValue(NewName) };
        change = parsed.GetResult(PhoneNumberId) is null ? change : change with { PhoneNumberId = parsed.GetValue(PhoneNumberId) };
        if (parsed.GetValue(RemoveSecret))
        {
            change = change with { AppSecret = "" };
        }
        else if (await SecretAsync(parsed, cancellationToken) is { } secret)
        {
            change = change with { AppSecret = secret };
        }

        using var client = Credentials.Connect(parsed, terminal);
        Tell(
            await client.MessagingChannels.ChangeAsync(parsed.GetRequiredValue(Id), change, parsed.GetValue(IfUnchanged), cancellationToken), terminal);
        terminal.Line("Changed.", "green");
        return ExitCode.Done;
    }

    private static async Task<int> RotateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        var file = parsed.GetRequiredValue(Save);
        await using var place = SecretFile.Create(file);
        var rotated = await client.MessagingChannels.RotateAsync(id, cancellationToken: cancellationToken);
        await place.WriteAsync(rotated.VerifyToken, Another(id));
        place.Tell(
            terminal,
            new MadeChannel(rotated.Id, rotated.Name, rotated.WebhookUrl, file.ToString()),
            CliJson.Default.MadeChannel,
            $"Channel {id} has another verify token. Meta asks for it when the address is set, and not again: what comes goes on.",
            VerifyToken);
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        if (!parsed.GetValue(Yes) && !await Question.AgreesAsync(terminal, $"What comes to channel {id} from then on is refused. Delete it?", cancellationToken))
        {
            throw new CommandFailure(
                "channel_not_deleted", "What comes to the channel from then on is refused, and its secrets are gone. Nothing was deleted: say --yes to delete it.");
        }

        await client.MessagingChannels.DeleteAsync(id, cancellationToken);
        terminal.Document(new Deleted(id), CliJson.Default.Deleted);
        terminal.Line($"Deleted channel {id}. Its messages stay.");
        return ExitCode.Done;
    }

    private static void Tell(MessagingChannel channel, Terminal terminal)
    {
        terminal.Document(channel, CliJson.Default.MessagingChannel);
        terminal.Facts(
            ("Channel", channel.Id),
            ("Name", channel.Name),
            ("Address for Meta", channel.WebhookUrl),
            ("App secret", channel.AppSecret ?? $"none, and nothing is taken: zoho channels update {channel.Id} --app-secret-file FILE"),
            ("Verify token", channel.VerifyToken),
            ("Phone number id", channel.PhoneNumberId ?? "all"),
            ("Verified", channel.VerifiedAt is { } verified ? Words.Of(verified) : "not yet: Meta asks when its address is set there"),
            ("Received", channel.ReceivedAt is { } received ? Words.Of(received) : "nothing yet"),
            ("Etag", channel.Etag));
    }

    private static string Another(string id) => $"Have another one made: zoho channels rotate {id} --save FILE";

    // null where none is to be set
    private static async Task<string?> SecretAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(SecretIn) is { } file)
        {
            return await Secrets.ReadAsync(file, cancellationToken);
        }

        if (!parsed.GetValue(AskSecret))
        {
            return null;
        }

        return await Secrets.AskAsync("Secret of the app at Meta", cancellationToken) is { Length: > 0 } secret
            ? secret
            : throw new CommandFailure("secret_missing", "There was no secret: nothing was changed.");
    }

    private static void CheckSecret(CommandResult result)
    {
        if (((Option[])[AskSecret, SecretIn, RemoveSecret]).Count(option => result.GetResult(option) is { Implicit: false }) > 1)
        {
            result.AddError("Give the app's secret once: --app-secret, --app-secret-file or --remove-app-secret.");
        }
    }

    private static void CheckAny(CommandResult result)
    {
        if (!Changes.Any(option => result.GetResult(option) is { Implicit: false }))
        {
            result.AddError($"Name what to change: {string.Join(", ", Changes.Select(option => option.Name))}.");
        }
    }
}

/// <summary>What <c>zoho channels create --json</c> and <c>rotate</c> answer: where the verify token is, never the token.</summary>
internal sealed record MadeChannel(string Id, string Name, string WebhookUrl, string SavedIn);
