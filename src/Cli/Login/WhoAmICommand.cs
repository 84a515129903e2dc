using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Login;

/// <summary><c>zoho whoami</c>: which gateway a command here speaks with, and as whom.</summary>
internal static class WhoAmICommand
{
    public static Command Create()
    {
        var command = new Command("whoami", "Which gateway commands speak with here, and as whom.");
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var found = Credentials.Find(parsed);
        using var client = PlatformClient.Connect(found.Url, found.Key);
        var who = await client.WhoAmIAsync(cancellationToken);
        terminal.Document(
            new Identity(found.Url, found.From, who.TenantId, who.Tenant, who.Role, who.KeyId, who.Owner, who.Permissions), CliJson.Default.Identity);
        terminal.Facts(
            ("Gateway", found.Url.ToString()),
            ("Key", $"{who.KeyId}, from {found.From}"),
            ("Tenant", $"{who.Tenant} ({who.TenantId})"),
            ("Role", ApiName.Of(who.Role)),
            ("Owner", who.Owner is null ? null : $"{who.Owner}: sees that owner's connections alone"),
            ("May also", string.Join("; ", who.Permissions.Select(entry => $"{entry.Name} of {string.Join(", ", entry.ConnectionIds)}"))));
        return ExitCode.Done;
    }
}

/// <summary>What <c>zoho whoami --json</c> answers: the gateway's answer, with where the key comes from.</summary>
internal sealed record Identity(
    Uri Url, string From, string TenantId, string Tenant, KeyRole Role, string KeyId, string? Owner, IReadOnlyList<PermissionEntry> Permissions);
