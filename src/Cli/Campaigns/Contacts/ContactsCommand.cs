using System.CommandLine;
using System.Net;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Campaigns.Contacts;

/// <summary><c>zoho campaigns contacts</c>: registered users are looked for, added, pushed again, forgotten, or let back.</summary>
internal static class ContactsCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(60);

    private static readonly Argument<string> Email = new("email") { HelpName = "ADDRESS", Description = "The mail address." };
    private static readonly Option<string?> FirstName = Field("--first-name", "First Name");
    private static readonly Option<string?> LastName = Field("--last-name", "Last Name");
    private static readonly Option<string?> Country = Field("--country", "Country");
    private static readonly Option<string?> Company = Field("--company", "Company");
    private static readonly Option<string?> Phone = Field("--phone", "Phone");
    private static readonly Option<string?> Language = Field("--language", "Language");
    private static readonly Option<string?> ProductionType = Field("--production-type", "Production Type");
    private static readonly Option<string?> Category = Field("--category", "Category");
    private static readonly Option<bool> Wait = new("--wait") { Description = "Wait up to a minute for what Zoho says to it." };

    private static readonly Argument<string> Id = new("id") { HelpName = "ID", Description = "As zoho campaigns contacts shows it." };

    private static readonly Argument<string?> Rejected = new("id")
    {
        HelpName = "ID",
        Description = "As zoho campaigns contacts --status rejected shows it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> All = new("--all") { Description = "All that were rejected." };

    private static readonly Option<string?> Code = new("--code")
    {
        HelpName = "CODE",
        Description = "Of all, those that were rejected with this code.",
    };

    private static readonly Option<string?> Status = new Option<string?>("--status")
    {
        HelpName = "STATUS",
        Description = "Only those with this status.",
    }.OneOf([.. ApiName.All<ContactStatus>()]);

    private static readonly Option<string?> Address = new("--email")
    {
        HelpName = "ADDRESS",
        Description = "Only those of this mail address, in any spelling.",
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "At most so many contacts.",
        DefaultValueFactory = _ => 20,
        CustomParser = result => Values.WholeNumber(result, 1),
    };

    private static readonly Option<string> Reason = new("--reason")
    {
        HelpName = "TEXT",
        Description = "How the person agreed, without an address; it stays in the audit.",
        Required = true,
    };

    private static readonly FieldWords Fields = new(
        new Dictionary<string, Option>(StringComparer.Ordinal)
        {
            ["first_name"] = FirstName,
            ["last_name"] = LastName,
            ["preferred_language"] = Language,
            ["production_type"] = ProductionType,
        },
        new Dictionary<string, Option>(StringComparer.Ordinal)
        {
            ["country"] = Country,
            ["company"] = Company,
            ["phone"] = Phone,
            ["category"] = Category,
            ["reason"] = Reason,
        });

    public static Command Create()
    {
        var add = new Command("add", "Push one user to the mailing list.")
        {
            Email, FirstName, LastName, Country, Company, Phone, Language, ProductionType, Category, Wait,
        };
        add.Runs(AddAsync);
        var forget = new Command("forget", "Delete what the platform keeps of the person, and keep the address off lists.") { Email };
        forget.Runs(ForgetAsync);
        var lift = new Command("lift-opt-out", "Let a person be written to again who was forgotten or taken off through the platform.")
        {
            Email, Reason,
        };
        lift.Runs(LiftOptOutAsync, Fields);
        var show = new Command("show", "How one contact fares.") { Id };
        show.Runs(ShowAsync);
        var retry = new Command("retry", "Push a rejected contact again, or all of them, once something was set right.") { Rejected, All, Code };
        retry.Runs(RetryAsync);
        var contacts = new Command("contacts", "Registered users, newest first.") { add, show, retry, forget, lift };
        contacts.Lists(ListAsync, Status, Address, Limit);
        return contacts;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        ContactStatus? wanted = ApiName.TryParse<ContactStatus>(parsed.GetValue(Status) ?? "", out var status) ? status : null;
        var contacts = await client.Campaigns.Contacts.ListAsync(wanted, parsed.GetValue(Address))
            .Take(parsed.GetValue(Limit))
            .ToListAsync(cancellationToken);
        terminal.Document(contacts, CliJson.Default.ListContact);
        if (contacts.Count == 0)
        {
            terminal.Line("There is none.");
            return ExitCode.Done;
        }

        terminal.Table(
            ["Id", "Address", "Status", "Submitted", "Why"],
            [.. contacts.Select(contact => (string[])
                [
                    contact.Id,
                    contact.Fields.Email,
                    ApiName.Of(contact.Status),
                    Words.Of(contact.CreatedAt),
                    contact.Message is { } why ? CommandWords.Said(why) : "-",
                ])]);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        Tell(await client.Campaigns.Contacts.GetAsync(parsed.GetRequiredValue(Id), cancellationToken), terminal);
        return ExitCode.Done;
    }

    private static async Task<int> RetryAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var (id, all, code) = (parsed.GetValue(Rejected), parsed.GetValue(All), parsed.GetValue(Code));
        if ((id is null) != all || (code is not null && !all))
        {
            throw new CommandFailure("retry_what", "Name one contact, or say --all, with --code CODE where only some are meant.", ExitCode.Usage);
        }

        using var client = Credentials.Connect(parsed, terminal);
        if (id is not null)
        {
            Tell(await client.Campaigns.Contacts.RetryAsync(id, cancellationToken), terminal);
            return ExitCode.Done;
        }

        var total = 0;
        RetriedContacts retried;
        do
        {
            retried = await client.Campaigns.Contacts.RetryAllAsync(code, cancellationToken);
            total += retried.Retried;
        }
        while (retried is { HasMore: true, Retried: > 0 });
        terminal.Document(retried with { Retried = total }, CliJson.Default.RetriedContacts);
        terminal.Line($"{Words.Count(total, "contact is", "contacts are")} pushed again. How they fare: zoho campaigns contacts");
        return ExitCode.Done;
    }

    private static void Tell(Contact contact, Terminal terminal)
    {
        terminal.Document(contact, CliJson.Default.Contact);
        terminal.Line($"{contact.Fields.Email}  {ApiName.Of(contact.Status)}{CommandWords.Because(contact.Message)}");
    }

    private static async Task<int> ForgetAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var forgotten = await client.Campaigns.Contacts.ForgetAddressAsync(parsed.GetRequiredValue(Email), cancellationToken);
        terminal.Document(forgotten, CliJson.Default.ForgottenContact);
        terminal.Line(
            $"Forgotten: {Words.Count(forgotten.Contacts, "contact", "contacts")}, {Words.Count(forgotten.SyncContacts, "row", "rows")} of syncs. "
            + "Zoho keeps what it has of the person: delete them there.");
        return ExitCode.Done;
    }

    private static async Task<int> LiftOptOutAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var lifted = await client.Campaigns.Contacts.LiftOptOutAsync(
            parsed.GetRequiredValue(Email), parsed.GetRequiredValue(Reason), cancellationToken);
        terminal.Document(lifted, CliJson.Default.LiftedOptOuts);
        terminal.Line($"Lifted: {string.Join(", ", lifted.Lifted)}.");
        if (lifted.ListKeys.Count > 0)
        {
            terminal.Line($"On {(lifted.ListKeys.Count == 1 ? "list" : "lists")} {string.Join(", ", lifted.ListKeys)} again.");
        }

        if (lifted.ConfirmingListKeys.Count > 0)
        {
            terminal.Line($"Zoho has mailed them: once they confirm they are on {string.Join(", ", lifted.ConfirmingListKeys)}.");
        }

        return ExitCode.Done;
    }

    private static async Task<int> AddAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var fields = new ContactFields(parsed.GetRequiredValue(Email))
        {
            FirstName = parsed.GetValue(FirstName),
            LastName = parsed.GetValue(LastName),
            Country = parsed.GetValue(Country),
            Company = parsed.GetValue(Company),
            Phone = parsed.GetValue(Phone),
            PreferredLanguage = parsed.GetValue(Language),
            ProductionType = parsed.GetValue(ProductionType),
            Category = parsed.GetValue(Category),
        };
        AcceptedContact accepted;
        try
        {
            accepted = await client.Campaigns.Contacts.AddAsync(fields, cancellationToken: cancellationToken);
        }
        catch (PlatformException e) when (e.Status is HttpStatusCode.BadRequest)
        {
            return Edge.Failed(parsed, terminal, e, Fields.Said, ExitCode.SomeFailed);
        }

        if (!parsed.GetValue(Wait))
        {
            terminal.Document(accepted, CliJson.Default.AcceptedContact);
            terminal.Line($"{fields.Email}  {ApiName.Of(accepted.Status)}");
            return accepted.Status is ContactStatus.Suppressed ? ExitCode.SomeFailed : ExitCode.Done;
        }

        var contact = await WaitAsync(client, accepted.Id, cancellationToken);
        Tell(contact, terminal);
        return contact.Status switch
        {
            ContactStatus.Rejected or ContactStatus.Suppressed => ExitCode.SomeFailed,
            ContactStatus.NotConfigured => ExitCode.Configuration,
            ContactStatus.Retrying => ExitCode.Unreachable,
            _ => ExitCode.Done,
        };
    }

    private static async Task<Contact> WaitAsync(PlatformClient client, string id, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        while (true)
        {
            var contact = await client.Campaigns.Contacts.GetAsync(id, cancellationToken);
            if (contact.Status is not (ContactStatus.Pending or ContactStatus.Retrying) || clock.GetElapsedTime(start) >= WaitLimit)
            {
                return contact;
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static Option<string?> Field(string name, string zohoName) => new(name)
    {
        HelpName = "TEXT",
        Description = $"Zoho's {zohoName}.",
    };
}
