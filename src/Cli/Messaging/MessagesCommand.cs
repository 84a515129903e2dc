using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client.Messaging;

namespace ZohoPlatform.Cli.Messaging;

/// <summary><c>zoho messages</c>: what was said, and how far it is on its way to Zoho CRM.</summary>
internal static class MessagesCommand
{
    private static readonly Argument<string> Id = new("id") { HelpName = "ID", Description = "As zoho messages shows it." };

    private static readonly Argument<string?> Failed = new("id")
    {
        HelpName = "ID",
        Description = "As zoho messages --state failed shows it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string?> Text = new("text")
    {
        HelpName = "TEXT",
        Description = "What people read.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<FileInfo?> File = new("--file")
    {
        HelpName = "FILE",
        Description = "Many at once: a JSON object on each line with the fields of the API, such as external_id, direction, phone, text; - for standard input.",
    };

    private static readonly Option<string?> Phone = new("--phone")
    {
        HelpName = "PHONE",
        Description = "Whose message it is, or to whom, in any spelling.",
    };

    private static readonly Option<string?> UserId = new("--user-id")
    {
        HelpName = "ID",
        Description = "The same by WhatsApp's user id, of a person whose phone is not known.",
    };

    private static readonly Option<string> Direction = new Option<string>("--direction")
    {
        HelpName = "WAY",
        Description = "inbound, outbound or campaign; outbound when absent.",
        DefaultValueFactory = _ => ApiName.Of(MessageDirection.Outbound),
    }.OneOf(ApiName.All<MessageDirection>());

    private static readonly Option<string?> ExternalId = new("--external-id")
    {
        HelpName = "ID",
        Description = "Your own id of the message, by which it is stored once; a new one when absent.",
    };

    private static readonly Option<string?> Name = new("--name") { HelpName = "NAME", Description = "As the person calls themselves." };
    private static readonly Option<string?> Type = new("--type")
    {
        HelpName = "TYPE",
        Description = "text when absent; image, audio, template and so on.",
    };
    private static readonly Option<string?> Campaign = new("--campaign") { HelpName = "NAME", Description = "Of a campaign: its name." };
    private static readonly Option<string?> Source = new("--source")
    {
        HelpName = "APP",
        Description = "Which app it is from; the API key (key:...) when absent.",
    };

    private static readonly Option<string?> Status = new Option<string?>("--status")
    {
        HelpName = "STATUS",
        Description = "How far one came that went out; sent when absent.",
    }.OneOf(ApiName.All<DeliveryStatus>());

    private static readonly Option<DateTimeOffset?> SentAt = new("--sent-at")
    {
        HelpName = "TIME",
        Description = "When it was sent; now when absent.",
        CustomParser = Values.Time,
    };

    private static readonly Option<string?> Conversation = new("--conversation")
    {
        HelpName = "ID",
        Description = "Only those of this conversation.",
    };

    private static readonly Option<string?> State = new Option<string?>("--state")
    {
        HelpName = "STATE",
        Description = "Only those that are so far on their way to Zoho CRM.",
    }.OneOf(ApiName.All<MessageSyncState>());

    private static readonly Option<string?> Search = new("--search")
    {
        HelpName = "TEXT",
        Description = "Only those whose text has it, in any case.",
    };

    private static readonly Option<string?> WithExternalId = new("--external-id")
    {
        HelpName = "ID",
        Description = "Only the one with this id of its sender.",
    };

    private static readonly Option[] Filters = [Conversation, State, Search, WithExternalId];

    private static readonly Option<bool> OldestFirst = new("--oldest-first") { Description = "In the other order." };

    private static readonly Option<int> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "At most so many messages.",
        DefaultValueFactory = _ => 20,
        CustomParser = result => Values.WholeNumber(result, 1),
    };

    private static readonly Option<long?> After = new("--after")
    {
        HelpName = "POSITION",
        Description = "Go on behind this position, as zoho messages tail says it; from now on when absent.",
        CustomParser = result => Values.WholeNumber<long>(result, 1),
    };

    private static readonly Option<bool> All = new("--all") { Description = "All that failed." };

    private static readonly Option<string?> Code = new("--code")
    {
        HelpName = "CODE",
        Description = "Of all, those that failed with this code.",
    };

    private static readonly Option<string?> RetriedCode = new("--code")
    {
        HelpName = "CODE",
        Description = "Those that failed with this code, or were skipped with it: crm_disabled, before_enabled, no_phone where the phone is known now.",
    };

    private static readonly FieldWords SendFields = new(
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["external_id"] = ExternalId, ["user_id"] = UserId, ["sent_at"] = SentAt },
        new Dictionary<string, Option>(StringComparer.Ordinal)
        {
            ["phone"] = Phone,
            ["name"] = Name,
            ["type"] = Type,
            ["status"] = Status,
            ["source"] = Source,
            ["campaign"] = Campaign,
        });

    private static readonly FieldWords ListFields = new(
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["conversation_id"] = Conversation, ["external_id"] = WithExternalId },
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["query"] = Search });

    public static Command Create()
    {
        var send = new Command("send", "Record a message, or a file of them. The platform sends nothing to the person.")
        {
            Text, File, Phone, UserId, Direction, ExternalId, Name, Type, Campaign, Source, Status, SentAt,
        };
        send.Runs(SendAsync, SendFields);
        var show = new Command("show", "How one message fares.") { Id };
        show.Runs((parsed, terminal, cancellationToken) => ShowAsync(
            parsed, terminal, (messages, id) => messages.GetAsync(id, cancellationToken)));
        var tail = new Command("tail", "Show new messages, and what changes in known ones, until Ctrl-C.") { Conversation, After };
        tail.Runs((parsed, terminal, cancellationToken) => new MessageFollower(parsed.GetValue(Conversation), parsed.GetValue(After), terminal)
            .RunAsync(parsed, cancellationToken));
        var resend = new Command("resend", "Have one synced to Zoho CRM again. Nothing is sent to the person.") { Id };
        resend.Runs((parsed, terminal, cancellationToken) => ShowAsync(
            parsed, terminal, (messages, id) => messages.ResendAsync(id, cancellationToken)));
        var discard = new Command("discard", "Give up a message that failed, or all of them: they stay stored and are not synced.") { Failed, All, Code };
        discard.Runs(DiscardAsync);
        var retry = new Command("retry", "Have all that failed synced again, once something was set right, or what was skipped with a code.") { RetriedCode };
        retry.Runs(RetryAsync);
        var messages = new Command("messages", "Messages of conversations, newest first.") { send, show, tail, resend, discard, retry };
        messages.Lists(ListAsync, ListFields, Conversation, State, Search, WithExternalId, OldestFirst, Limit);
        return messages;
    }

    private static async Task<int> SendAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var (text, file, campaign, type) = (parsed.GetValue(Text), parsed.GetValue(File), parsed.GetValue(Campaign), parsed.GetValue(Type));
        var person = (parsed.GetValue(Phone), parsed.GetValue(UserId));
        if (file is not null)
        {
            if (text is not null || person is not (null, null))
            {
                throw new CommandFailure("send_what", "Say one message, or --file with many, not both.", ExitCode.Usage);
            }

            return await new MessageFile(file, terminal).SendAsync(parsed, cancellationToken);
        }

        if (person is (null, null) || (text is null && type is null))
        {
            throw new CommandFailure(
                "send_what", "Say TEXT and whose it is, with --phone or --user-id; what has no text has a --type. Many at once: --file FILE.", ExitCode.Usage);
        }

        using var client = Credentials.Connect(parsed, terminal);
        _ = ApiName.TryParse<MessageDirection>(parsed.GetValue(Direction), out var direction);
        var stored = await client.Messages.SendAsync(
            new NewMessage(parsed.GetValue(ExternalId) ?? $"cli-{Guid.CreateVersion7():N}", direction)
            {
                Phone = person.Item1,
                UserId = person.Item2,
                Name = parsed.GetValue(Name),
                Type = type,
                Text = text,
                SentAt = parsed.GetValue(SentAt),
                Status = ApiName.TryParse<DeliveryStatus>(parsed.GetValue(Status), out var status) ? status : null,
                Source = parsed.GetValue(Source),
                Campaign = campaign,
            },
            cancellationToken: cancellationToken);
        terminal.Document(stored, CliJson.Default.StoredMessage);
        terminal.Line(stored.Outcome is MessageOutcome.Duplicate
            ? $"It was known as {stored.Id}, and nothing was done."
            : $"Stored as {stored.Id}. How it fares: zoho messages show {stored.Id}");
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        MessageSyncState? wanted = ApiName.TryParse<MessageSyncState>(parsed.GetValue(State), out var state) ? state : null;
        var messages = await client.Messages
            .ListAsync(
                parsed.GetValue(Conversation), wanted, parsed.GetValue(Search), parsed.GetValue(WithExternalId), parsed.GetValue(OldestFirst))
            .Take(parsed.GetValue(Limit))
            .ToListAsync(cancellationToken);
        terminal.Document(messages, CliJson.Default.ListConversationMessage);
        if (messages.Count == 0)
        {
            terminal.Line(Filters.Any(option => parsed.GetResult(option) is { Implicit: false })
                ? "None matches: see all with zoho messages."
                : "There is none. Messages come in through a channel (zoho channels create NAME --save FILE) or by zoho messages send.");
            return ExitCode.Done;
        }

        MessageSheet.List(messages, terminal);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, Func<MessagesClient, string, Task<ConversationMessage>> ask)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var message = await ask(client.Messages, parsed.GetRequiredValue(Id));
        terminal.Document(message, CliJson.Default.ConversationMessage);
        MessageSheet.Show(message, terminal);
        return ExitCode.Done;
    }

    private static async Task<int> RetryAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var which = new FailedMessages { Code = parsed.GetValue(RetriedCode) };
        var total = 0;
        RetriedMessages retried;
        do
        {
            retried = await client.Messages.RetryAllAsync(which, cancellationToken);
            total += retried.Retried;
            if (retried.HasMore)
            {
                terminal.Note($"{Words.Count(total, "message", "messages")} so far.");
            }
        }
        while (retried is { HasMore: true, Retried: > 0 });
        terminal.Document(retried with { Retried = total }, CliJson.Default.RetriedMessages);
        terminal.Line(
            total == 0 && which.Code is { } code ? $"None is left with the code {code}."
            : total == 0 ? "None has failed."
            : $"{Words.Count(total, "message is", "messages are")} synced again. How they fare: zoho messages --state failed");
        return ExitCode.Done;
    }

    private static async Task<int> DiscardAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var (id, all, code) = (parsed.GetValue(Failed), parsed.GetValue(All), parsed.GetValue(Code));
        if ((id is null) != all || (code is not null && !all))
        {
            throw new CommandFailure("discard_what", "Name one message, or say --all, with --code CODE where only some are meant.", ExitCode.Usage);
        }

        using var client = Credentials.Connect(parsed, terminal);
        if (id is not null)
        {
            var message = await client.Messages.DiscardAsync(id, cancellationToken);
            terminal.Document(message, CliJson.Default.ConversationMessage);
            MessageSheet.Show(message, terminal);
            return ExitCode.Done;
        }

        var total = 0;
        DiscardedMessages discarded;
        do
        {
            discarded = await client.Messages.DiscardAllAsync(new FailedMessages { Code = code }, cancellationToken);
            total += discarded.Discarded;
            if (discarded.HasMore)
            {
                terminal.Note($"{Words.Count(total, "message", "messages")} so far.");
            }
        }
        while (discarded is { HasMore: true, Discarded: > 0 });
        terminal.Document(discarded with { Discarded = total }, CliJson.Default.DiscardedMessages);
        terminal.Line(total == 0 ? "None has failed." : $"{Words.Count(total, "message is", "messages are")} given up. They stay stored.");
        return ExitCode.Done;
    }
}
