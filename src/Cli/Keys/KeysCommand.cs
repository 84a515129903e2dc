using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Keys;

/// <summary><c>zoho keys</c>: the tenant's API keys. A new key goes into a file, never onto the screen.</summary>
internal static class KeysCommand
{
    private const string TokensRead = "tokens:read";

    private static readonly Argument<string> Id = IdSource.Keys.Argument("The key's public part, as zoho keys shows it.");
    private static readonly Argument<string> Name = new("name") { HelpName = "NAME", Description = "What uses it." };

    private static readonly Option<string> Role = Required(new Option<string>("--role")
    {
        HelpName = "ROLE",
        Description = "viewer reads, operator also pushes contacts and runs tests, admin does everything in its tenant.",
    }.OneOf(ApiName.All<KeyRole>()));

    private static readonly Option<FileInfo> Save = new("--save")
    {
        HelpName = "FILE",
        Description = "A new file for the key, readable by you alone; - for standard output. It is given this once.",
        Required = true,
    };

    private static readonly Option<DateTimeOffset?> ExpiresAt = new("--expires-at")
    {
        HelpName = "TIME",
        Description = "Until when it works, such as 2027-12-31; for ever when absent.",
        CustomParser = Values.Time,
    };

    private static readonly Option<string?> Owner = new("--owner")
    {
        HelpName = "NAME",
        Description = "It sees and uses this owner's connections alone.",
    };

    private static readonly Option<string[]> TokensOf = new("--tokens-of")
    {
        HelpName = "ID",
        Description = "It may also be handed access tokens of this connection. May be repeated.",
        CompletionSources = { IdSource.Connections.Stand },
    };

    private static readonly Option<string?> Tenant = new("--tenant")
    {
        HelpName = "ID",
        Description = "A key of this tenant; only the platform key may.",
        CompletionSources = { IdSource.Tenants.Stand },
    };

    private static readonly Option<int?> Overlap = new("--overlap")
    {
        HelpName = "SECONDS",
        Description = "How long the old secret still opens beside the new one, up to seven days; a day when absent.",
        CustomParser = result => Values.WholeNumber(result, 0, 604_800),
    };

    private static readonly FieldWords Fields = new(new Dictionary<string, Option>(StringComparer.Ordinal)
    {
        ["expires_at"] = ExpiresAt,
        ["connection_ids"] = TokensOf,
        ["permissions"] = TokensOf,
        ["overlap_seconds"] = Overlap,
    }, new Dictionary<string, Option>(StringComparer.Ordinal) { ["role"] = Role, ["owner"] = Owner });

    public static Command Create()
    {
        var create = new Command("create", "Make an API key.") { Name, Role, Save, ExpiresAt, Owner, TokensOf, Tenant };
        create.Runs(CreateAsync, Fields);
        var delete = new Command("delete", "End a key: it stops working within ten seconds.") { Id };
        delete.Runs(DeleteAsync);
        var rename = new Command("rename", "Give a key another name.") { Id, Name };
        rename.Runs(RenameAsync);
        var rotate = new Command("rotate-secret", "Give a key a new secret; the old one opens beside it for a while.") { Id, Save, Overlap };
        rotate.Runs(RotateAsync, Fields);
        var keys = new Command("keys", "The tenant's API keys, never with their secrets.") { create, rename, rotate, delete };
        keys.Lists(ListAsync);
        return keys;
    }

    private static Option<string> Required(Option<string> option)
    {
        option.Required = true;
        return option;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var keys = await client.ApiKeys.ListAsync(cancellationToken);
        terminal.Document([.. keys], CliJson.Default.ListApiKey);
        terminal.Table(
            ["Id", "Name", "Role", "Owner", "Tokens of", "Expires", "Last used"],
            [.. keys.Select(key => (string[])
                [
                    key.Id,
                    key.Name,
                    ApiName.Of(key.Role),
                    key.Owner ?? "-",
                    key.Permissions.Count == 0 ? "-" : string.Join(", ", key.Permissions.SelectMany(entry => entry.ConnectionIds)),
                    key.ExpiresAt is { } expires ? Words.Of(expires) : "never",
                    Words.Of(key.LastUsedAt),
                ])]);
        return ExitCode.Done;
    }

    private static async Task<int> CreateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var file = parsed.GetRequiredValue(Save);
        _ = ApiName.TryParse<KeyRole>(parsed.GetRequiredValue(Role), out var role);
        var wanted = new NewApiKey(parsed.GetRequiredValue(Name), role, parsed.GetValue(ExpiresAt))
        {
            Owner = parsed.GetValue(Owner),
            Permissions = parsed.GetValue(TokensOf) is { Length: > 0 } connections ? [new PermissionEntry(TokensRead, connections)] : null,
        };
        await using var place = SecretFile.Create(file);
        var made = parsed.GetValue(Tenant) is { } tenant
            ? await client.Tenants.CreateKeyAsync(tenant, wanted, cancellationToken: cancellationToken)
            : await client.ApiKeys.CreateAsync(wanted, cancellationToken: cancellationToken);
        await place.WriteAsync(made.Key, $"Delete the key, which nobody has: zoho keys delete {made.Id}");
        place.Tell(
            terminal,
            new MadeKey(made.Id, made.Name, made.Role, made.ExpiresAt, made.Owner, file.ToString()),
            CliJson.Default.MadeKey,
            $"Made key {made.Id} for {made.Name}, role {ApiName.Of(made.Role)}.");
        return ExitCode.Done;
    }

    private static async Task<int> RenameAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var key = await client.ApiKeys.RenameAsync(parsed.GetRequiredValue(Id), parsed.GetRequiredValue(Name), cancellationToken);
        terminal.Document(key, CliJson.Default.ApiKey);
        terminal.Line($"Key {key.Id} is named {key.Name}.");
        return ExitCode.Done;
    }

    private static async Task<int> RotateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        var file = parsed.GetRequiredValue(Save);
        await using var place = SecretFile.Create(file);
        var rotated = await client.ApiKeys.RotateSecretAsync(
            id, new KeyRotation { OverlapSeconds = parsed.GetValue(Overlap) }, cancellationToken: cancellationToken);
        await place.WriteAsync(rotated.Key, $"Have another one made: zoho keys rotate-secret {id} --save FILE");
        place.Tell(
            terminal,
            new MadeSecret(id, rotated.PreviousSecretEndsAt, file.ToString()),
            CliJson.Default.MadeSecret,
            rotated.PreviousSecretEndsAt is { } end
                ? $"Key {id} has a new secret. Put it where it is used until {Words.Of(end)}: the old one opens beside it so long."
                : $"Key {id} has a new secret, and the old one stops within ten seconds.");
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        await client.ApiKeys.DeleteAsync(id, cancellationToken);
        terminal.Document(new Deleted(id), CliJson.Default.Deleted);
        terminal.Line($"Deleted key {id}: it stops working within ten seconds.");
        return ExitCode.Done;
    }
}

/// <summary>What <c>zoho keys create --json</c> answers: where the key is, never the key.</summary>
internal sealed record MadeKey(string Id, string Name, KeyRole Role, DateTimeOffset? ExpiresAt, string? Owner, string SavedIn);
