using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Webhooks;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Webhooks;

/// <summary><c>zoho webhooks</c>: receivers that are told what has happened. Their secrets go into files, never onto the screen.</summary>
internal static class WebhooksCommand
{
    private static readonly Argument<string> Id = IdSource.Webhooks.Argument("As zoho webhooks shows it.");

    private static readonly Argument<string> DeliveryId = new("id") { HelpName = "DELIVERY", Description = "As zoho webhooks deliveries shows it." };

    private static readonly Argument<string> Url = new("address")
    {
        HelpName = "ADDRESS",
        Description = "Where to send events: https, in a public network.",
    };

    private static readonly Option<FileInfo> Save = new("--save")
    {
        HelpName = "FILE",
        Description = "A new file for the signature's secret, readable by you alone; - for standard output. It is given this once.",
        Required = true,
    };

    private static readonly Option<string[]> EventTypes = new("--event-types")
    {
        HelpName = "LIST",
        Description = "What to tell, separated by commas, as zoho webhooks event-types names it; all that need a person when absent.",
        CustomParser = Values.List,
        CompletionSources = { IdSource.EventTypes.Stand },
    };

    private static readonly Option<string[]> Subjects = new("--subjects")
    {
        HelpName = "LIST",
        Description = "What it must be about, separated by commas, such as connection:ID or sync:ID; anything when absent.",
        CustomParser = Values.List,
    };

    private static readonly Option<string?> NewUrl = new("--address")
    {
        HelpName = "ADDRESS",
        Description = "Where to send events from now on, and what is still to be delivered.",
    };

    private static readonly Option<string[]?> NewEventTypes = new("--event-types")
    {
        HelpName = "LIST",
        Description = "What to tell instead, separated by commas.",
        CustomParser = Values.List,
        CompletionSources = { IdSource.EventTypes.Stand },
    };

    private static readonly Option<string[]?> NewSubjects = new("--subjects")
    {
        HelpName = "LIST",
        Description = "What it must be about instead, separated by commas; anything when empty.",
        CustomParser = Values.List,
    };

    private static readonly Option<int?> Overlap = new("--overlap")
    {
        HelpName = "SECONDS",
        Description = "How long the old secret still signs beside the new one, up to seven days; a day when absent.",
        CustomParser = result => Values.WholeNumber(result, 0, 604_800),
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "At most so many deliveries.",
        DefaultValueFactory = _ => 20,
        CustomParser = result => Values.WholeNumber(result, 1),
    };

    private static readonly FieldWords Fields = new(new Dictionary<string, Option>(StringComparer.Ordinal)
    {
        ["event_types"] = EventTypes,
        ["overlap_seconds"] = Overlap,
    }, new Dictionary<string, Option>(StringComparer.Ordinal) { ["subjects"] = Subjects });

    private static readonly FieldWords ChangeFields = new(new Dictionary<string, Option>(StringComparer.Ordinal)
    {
        ["url"] = NewUrl,
        ["event_types"] = NewEventTypes,
        ["subjects"] = NewSubjects,
    });

    public static Command Create()
    {
        var create = new Command("create", "Tell an address what happens.") { Url, Save, EventTypes, Subjects };
        create.Runs(CreateAsync, Fields);
        var change = new Command("change", "Send elsewhere, or tell of other things; what is not said stays.") { Id, NewUrl, NewEventTypes, NewSubjects };
        change.Runs(ChangeAsync, ChangeFields);
        var test = new Command("test", "Send one event and wait for the receiver's answer. One that is disabled is enabled by it.") { Id };
        test.Runs(TestAsync);
        var rotate = new Command("rotate-secret", "Give it a new secret; the old one signs beside it for a while.") { Id, Save, Overlap };
        rotate.Runs(RotateAsync, Fields);
        var deliveries = new Command("deliveries", "What was sent, newest first.") { Id, Limit };
        deliveries.Runs(DeliveriesAsync);
        var redeliver = new Command("redeliver", "Send an event again, with the id that it had.") { DeliveryId };
        redeliver.Runs(RedeliverAsync);
        var delete = new Command("delete", "Delete one, with what is still to be delivered.") { Id };
        delete.Runs(DeleteAsync);
        var types = new Command("event-types", "What a webhook can be told of.");
        types.Runs(EventTypesAsync);
        var webhooks = new Command("webhooks", "Addresses that are told what happens.")
        {
            create, change, test, rotate, deliveries, redeliver, delete, types,
        };
        webhooks.Lists(ListAsync);
        return webhooks;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var webhooks = await client.Webhooks.ListAsync(cancellationToken);
        terminal.Document([.. webhooks], CliJson.Default.ListWebhook);
        if (webhooks.Count == 0)
        {
            terminal.Line("There are none: zoho webhooks create https://... --save FILE");
            return ExitCode.Done;
        }

        terminal.Table(
            ["Id", "Address", "Told of", "About", "State"],
            [.. webhooks.Select(webhook => (string[])
                [
                    webhook.Id,
                    webhook.Url,
                    string.Join(", ", webhook.EventTypes),
                    webhook.Subjects.Count == 0 ? "anything" : string.Join(", ", webhook.Subjects),
                    StateOf(webhook),
                ])]);
        return ExitCode.Done;
    }

    private static string StateOf(Webhook webhook) => webhook switch
    {
        { DisabledAt: { } since } => $"disabled since {Words.Of(since)}: {webhook.DisabledReason}",
        { FirstFailedAt: { } since } => $"takes nothing since {Words.Of(since)}",
        { PreviousSecretEndsAt: { } end } => $"enabled, two secrets until {Words.Of(end)}",
        _ => "enabled",
    };

    private static async Task<int> CreateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var file = parsed.GetRequiredValue(Save);
        await using var place = SecretFile.Create(file);
        var made = await client.Webhooks.CreateAsync(
            new NewWebhook(parsed.GetRequiredValue(Url))
            {
                EventTypes = parsed.GetValue(EventTypes) is { Length: > 0 } types ? types : null,
                Subjects = parsed.GetValue(Subjects) is { Length: > 0 } subjects ? subjects : null,
            },
            cancellationToken: cancellationToken);
        await place.WriteAsync(made.Secret, $"Give the webhook another one: zoho webhooks rotate-secret {made.Id} --overlap 0 --save FILE");
        place.Tell(
            terminal,
            new MadeWebhook(made.Id, made.Url, made.EventTypes, made.Subjects, file.ToString()),
            CliJson.Default.MadeWebhook,
            $"Made webhook {made.Id}. Whether it is taken: zoho webhooks test {made.Id}");
        return ExitCode.Done;
    }

    private static async Task<int> ChangeAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        // what is not said is not set: null would clear it
        var change = new WebhookChange();
        change = parsed.GetResult(NewUrl) is null ? change : change with { Url = parsed.GetValue(NewUrl) };
        change = parsed.GetResult(NewEventTypes) is null ? change : change with { EventTypes = parsed.GetValue(NewEventTypes) };
        change = parsed.GetResult(NewSubjects) is null ? change : change with { Subjects = parsed.GetValue(NewSubjects) };
        if (change is { Url: null, EventTypes: null, Subjects: null })
        {
            throw new CommandFailure("change_what", "Say what changes: --address, --event-types or --subjects.", ExitCode.Usage);
        }

        using var client = Credentials.Connect(parsed, terminal);
        var changed = await client.Webhooks.ChangeAsync(parsed.GetRequiredValue(Id), change, cancellationToken);
        terminal.Document(changed, CliJson.Default.Webhook);
        terminal.Line($"Changed webhook {changed.Id}. Whether it is taken: zoho webhooks test {changed.Id}");
        return ExitCode.Done;
    }

    private static async Task<int> RotateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        var file = parsed.GetRequiredValue(Save);
        await using var place = SecretFile.Create(file);
        var rotated = await client.Webhooks.RotateSecretAsync(
            id, new SecretRotation { OverlapSeconds = parsed.GetValue(Overlap) }, cancellationToken: cancellationToken);
        await place.WriteAsync(rotated.Secret, $"Have another one made: zoho webhooks rotate-secret {id} --save FILE");
        place.Tell(
            terminal,
            new MadeSecret(id, rotated.PreviousSecretEndsAt, file.ToString()),
            CliJson.Default.MadeSecret,
            rotated.PreviousSecretEndsAt is { } end
                ? $"Webhook {id} has a new secret. Put it into the receiver until {Words.Of(end)}: the old one signs beside it so long."
                : $"Webhook {id} has a new secret, and the old one signs no more.");
        return ExitCode.Done;
    }

    private static async Task<int> TestAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var delivery = await client.Webhooks.TestAsync(parsed.GetRequiredValue(Id), cancellationToken);
        terminal.Document(delivery, CliJson.Default.WebhookDelivery);
        var taken = delivery.State is WebhookDeliveryState.Delivered;
        terminal.Line(
            taken ? $"Taken: the receiver answered {delivery.LastStatus}." : $"Not taken: {delivery.LastError ?? ApiName.Of(delivery.State)}",
            taken ? "green" : "red");
        return taken ? ExitCode.Done : ExitCode.Configuration;
    }

    private static async Task<int> DeliveriesAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var deliveries = await client.Webhooks.DeliveriesAsync(parsed.GetRequiredValue(Id))
            .Take(parsed.GetValue(Limit))
            .ToListAsync(cancellationToken);
        terminal.Document(deliveries, CliJson.Default.ListWebhookDelivery);
        if (deliveries.Count == 0)
        {
            terminal.Line("Nothing was sent.");
            return ExitCode.Done;
        }

        terminal.Table(
            ["Id", "Event", "State", ">Attempts", "Happened", "Next", "Why"],
            [.. deliveries.Select(delivery => (string[])
                [
                    delivery.Id,
                    delivery.EventType,
                    ApiName.Of(delivery.State),
                    Words.Of((long)delivery.Attempts),
                    Words.Of(delivery.CreatedAt),
                    Words.Of(delivery.NextAttemptAt),
                    delivery.LastError ?? "-",
                ])]);
        return ExitCode.Done;
    }

    private static async Task<int> RedeliverAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var delivery = await client.Webhooks.RedeliverAsync(parsed.GetRequiredValue(DeliveryId), cancellationToken);
        terminal.Document(delivery, CliJson.Default.WebhookDelivery);
        terminal.Line($"It is sent again. How it goes: zoho webhooks deliveries {delivery.WebhookId}");
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        await client.Webhooks.DeleteAsync(id, cancellationToken);
        terminal.Document(new Deleted(id), CliJson.Default.Deleted);
        terminal.Line($"Deleted webhook {id}.");
        return ExitCode.Done;
    }

    private static async Task<int> EventTypesAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var types = await client.Webhooks.EventTypesAsync(cancellationToken);
        terminal.Document([.. types], CliJson.Default.ListWebhookEventType);
        terminal.Table(
            ["Event type", "What has happened", "Needs a person"],
            [.. types.Select(type => (string[])[type.Name, type.Description, type.NeedsPerson ? "yes" : "-"])]);
        return ExitCode.Done;
    }
}

/// <summary>What <c>zoho webhooks create --json</c> answers: where the secret is, never the secret.</summary>
internal sealed record MadeWebhook(string Id, string Url, IReadOnlyList<string> EventTypes, IReadOnlyList<string> Subjects, string SavedIn);
