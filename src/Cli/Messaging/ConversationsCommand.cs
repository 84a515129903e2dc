using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client.Messaging;

namespace ZohoPlatform.Cli.Messaging;

/// <summary><c>zoho conversations</c>: all messages of one person each, and where they open in Zoho CRM.</summary>
internal static class ConversationsCommand
{
    private static readonly Argument<string> Id = IdSource.Conversations.Argument("As zoho conversations shows it.");

    private static readonly Argument<string?> IdOrNone = new("id")
    {
        HelpName = "ID",
        Description = "As zoho conversations shows it.",
        Arity = ArgumentArity.ZeroOrOne,
        CompletionSources = { IdSource.Conversations.Stand },
    };

    private static readonly Option<string?> Phone = new("--phone")
    {
        HelpName = "PHONE",
        Description = "The conversation of this phone, in any spelling.",
    };

    private static readonly Option<string?> Search = new("--search")
    {
        HelpName = "TEXT",
        Description = "Only those whose name has it, or whose phone it is in any spelling, or has it: at least 4 digits.",
    };

    private static readonly Option<bool> Unread = new("--unread") { Description = "Only those with unread messages." };

    private static readonly Option<string?> State = new Option<string?>("--crm-state")
    {
        HelpName = "STATE",
        Description = "Only those that stand so in Zoho CRM.",
    }.OneOf(ApiName.All<ConversationCrmState>());

    private static readonly Option<bool> Yes = new("--yes") { Description = "Ask nothing." };

    private static readonly Option<int> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "At most so many.",
        DefaultValueFactory = _ => 20,
        CustomParser = result => Values.WholeNumber(result, 1),
    };

    private static readonly FieldWords Fields = new(
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["crm_state"] = State },
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["query"] = Search });

    private static readonly FieldWords LinkFields = new(
        new Dictionary<string, Option>(StringComparer.Ordinal), new Dictionary<string, Option>(StringComparer.Ordinal) { ["phone"] = Phone });

    public static Command Create()
    {
        var show = new Command("show", "How one conversation stands, with its last messages.") { Id, Limit };
        show.Runs(ShowAsync);
        var link = new Command("link", "Where one opens in Zoho CRM.") { IdOrNone, Phone };
        link.Runs(LinkAsync, LinkFields);
        var read = new Command("read", "Say that one was read up to now.") { Id };
        read.Runs(ReadAsync);
        var revoke = new Command("revoke-links", "Take back all links that were handed out for buttons: none of them opens anything any more.") { Yes };
        revoke.Runs(RevokeLinksAsync);
        var conversations = new Command("conversations", "Conversations, the one with the last message first.") { show, link, read, revoke };
        conversations.Lists(ListAsync, Fields, Search, Unread, State, Limit);
        return conversations;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        ConversationCrmState? wanted = ApiName.TryParse<ConversationCrmState>(parsed.GetValue(State), out var state) ? state : null;
        var conversations = await client.Conversations.ListAsync(parsed.GetValue(Search), parsed.GetValue(Unread), wanted)
            .Take(parsed.GetValue(Limit))
            .ToListAsync(cancellationToken);
        terminal.Document(conversations, CliJson.Default.ListConversation);
        if (conversations.Count == 0)
        {
            terminal.Line(((Option[])[Search, Unread, State]).Any(option => parsed.GetResult(option) is { Implicit: false })
                ? "None matches: see all with zoho conversations."
                : "There is none. Messages come in through a channel (zoho channels create NAME --save FILE) or by zoho messages send.");
            return ExitCode.Done;
        }

        terminal.Table(
            ["Id", "Who", ">Messages", ">Unread", "Last", "Zoho CRM", "Why"],
            [.. conversations.Select(conversation => (string[])
                [
                    conversation.Id,
                    WhoOf(conversation),
                    Words.Of((long)conversation.Messages),
                    Words.Of((long)conversation.Unread),
                    Words.Of(conversation.LastMessageAt),
                    ApiName.Of(conversation.CrmState),
                    conversation.Message is { } why ? CommandWords.Said(why) : "-",
                ])]);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var conversation = await client.Conversations.GetAsync(parsed.GetRequiredValue(Id), cancellationToken);
        var messages = terminal.IsJson ? [] : await LastAsync(client.Conversations, conversation.Id, parsed.GetValue(Limit), cancellationToken);
        terminal.Document(conversation, CliJson.Default.Conversation);
        Show(conversation, terminal);
        if (messages.Count > 0)
        {
            terminal.Line();
            MessageSheet.List(messages, terminal);
        }

        return ExitCode.Done;
    }

    private static ValueTask<List<ConversationMessage>> LastAsync(
        ConversationsClient conversations, string id, int limit, CancellationToken cancellationToken) =>
        conversations.MessagesAsync(id).Take(limit).ToListAsync(cancellationToken);

    private static async Task<int> LinkAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var (id, phone) = (parsed.GetValue(IdOrNone), parsed.GetValue(Phone));
        if ((id is null) == (phone is null))
        {
            throw new CommandFailure("link_of_what", "Name one conversation, by its id or with --phone.", ExitCode.Usage);
        }

        using var client = Credentials.Connect(parsed, terminal);
        var link = id is not null
            ? await client.Conversations.GetLinkAsync(id, cancellationToken)
            : await client.Conversations.GetLinkByPhoneAsync(phone!, cancellationToken);
        terminal.Document(link, CliJson.Default.ConversationLink);
        terminal.Facts(
            ("Conversation", link.ConversationId),
            ("Record", $"{link.CrmModule} {link.CrmRecordId}"),
            ("Opens at", link.Url),
            ("Messages", link.MessagesUrl),
            ("Lead's messages", link.LeadMessagesUrl),
            ("For a button", link.OpenUrl));
        return ExitCode.Done;
    }

    private static async Task<int> ReadAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var conversation = await client.Conversations.MarkReadAsync(parsed.GetRequiredValue(Id), cancellationToken);
        terminal.Document(conversation, CliJson.Default.Conversation);
        terminal.Line($"Conversation {conversation.Id} is read.");
        return ExitCode.Done;
    }

    private static async Task<int> RevokeLinksAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        if (!parsed.GetValue(Yes) && !await Question.AgreesAsync(terminal, "The buttons of all pages stop working until these ask for new links. Take them back?", cancellationToken))
        {
            throw new CommandFailure(
                "links_not_revoked", "The buttons of all pages stop working until these ask for new links. Nothing was taken back: say --yes to do it.");
        }

        await client.Conversations.RevokeLinksAsync(cancellationToken);
        terminal.Document(new Deleted("links"), CliJson.Default.Deleted);
        terminal.Line("No link that was handed out before opens anything any more. Pages get new ones with GET /api/v1/conversations/{id}/link.");
        return ExitCode.Done;
    }

    private static void Show(Conversation conversation, Terminal terminal)
    {
        terminal.Facts(
            ("Conversation", conversation.Id),
            ("Name", conversation.Name),
            ("Phone", conversation.Phone),
            ("User id", conversation.UserId),
            ("Messages", $"{Words.Of((long)conversation.Messages)}, {Words.Of((long)conversation.Unread)} unread"),
            ("Last", Words.Of(conversation.LastMessageAt)),
            ("Zoho CRM", ApiName.Of(conversation.CrmState)),
            ("Record", conversation.CrmRecordId is { } record ? $"{conversation.CrmModule} {record}" : null),
            ("Waiting", conversation.Waiting > 0 ? Words.Of((long)conversation.Waiting) : null),
            ("Failed", conversation.Failed > 0 ? $"{Words.Of((long)conversation.Failed)}: zoho messages --conversation {conversation.Id} --state failed" : null));
        if (conversation.Message is { } why)
        {
            terminal.Line($"{conversation.Code}{CommandWords.Because(why)}", "red");
        }
    }

    private static string WhoOf(Conversation conversation) => (conversation.Name, conversation.Phone ?? conversation.UserId) switch
    {
        ({ } name, { } number) => $"{name} {number}",
        var (name, number) => name ?? number ?? "-",
    };
}
