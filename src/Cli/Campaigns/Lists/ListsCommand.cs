using System.CommandLine;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Campaigns.Lists;

/// <summary><c>zoho campaigns lists</c>: the account's mailing lists.</summary>
internal static class ListsCommand
{
    private static readonly Option<bool> Refresh = new("--refresh") { Description = "Ask Zoho now." };

    private static readonly Argument<string> Name = new("name") { HelpName = "NAME", Description = "As people will know it." };

    private static readonly Option<string[]> Emails = new("--email")
    {
        HelpName = "ADDRESS",
        Description = "A first contact; Zoho makes no list without one. Up to 10.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> About = new("--description") { HelpName = "TEXT", Description = "What it is for." };
    private static readonly Option<bool> PublicSignup = new("--public-signup") { Description = "Let Zoho show a sign-up form for it." };

    private static readonly FieldWords Fields = new(
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["emails"] = Emails },
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["description"] = About });

    public static Command Create()
    {
        var create = new Command("create", "Make a mailing list.") { Name, Emails, About, PublicSignup };
        create.Runs(CreateAsync, Fields);
        var lists = new Command("lists", "The account's mailing lists, with their keys.") { create };
        lists.Lists(ListAsync, Refresh);
        return lists;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var answer = await client.Campaigns.Lists.ListAsync(parsed.GetValue(Refresh), cancellationToken);
        terminal.Document(answer, CliJson.Default.MailingLists);
        terminal.Table(
            ["Key", "Name", ">Contacts", ">Unsubscribed", ">Bounced", "Settings"],
            [.. answer.Lists.Select(list => (string[])
                [
                    list.Key,
                    list.Name,
                    Words.Of(list.Contacts),
                    Words.Of(list.Unsubscribed),
                    Words.Of(list.Bounced),
                    list.Key == answer.DefaultListKey ? "used" : "",
                ])]);
        terminal.Line($"As Zoho had it at {Words.Of(answer.ReadAt)}.");
        return ExitCode.Done;
    }

    private static async Task<int> CreateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var list = await client.Campaigns.Lists.CreateAsync(
            new NewMailingList(parsed.GetRequiredValue(Name), parsed.GetRequiredValue(Emails))
            {
                Description = parsed.GetValue(About),
                PublicSignup = parsed.GetValue(PublicSignup),
            },
            cancellationToken: cancellationToken);
        terminal.Document(list, CliJson.Default.MailingList);
        terminal.Line($"Made {list.Name}, key {list.Key}.");
        return ExitCode.Done;
    }
}
