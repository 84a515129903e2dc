using System.CommandLine;
using System.Net;
using System.Text.RegularExpressions;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Login;

/// <summary><c>zoho login</c>: tries a key at a gateway and stores both.</summary>
internal static partial class LoginCommand
{
    private static readonly Option<FileInfo?> KeyFile = new("--key-file")
    {
        HelpName = "FILE",
        Description = $"A file that holds the API key; otherwise {Credentials.KeyVariable}, stdin, or asked for.",
    };

    public static Command Create()
    {
        var command = new Command("login", "Sign in to a gateway: the key is tried, then stored for you alone.") { KeyFile };
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var profile = Credentials.NamedProfile(parsed) ?? StoredLogins.Default;
        if (!ProfileName.IsMatch(profile))
        {
            throw new CommandFailure("profile_invalid", "A profile's name has 1 to 63 letters, digits, dots, hyphens and underscores.");
        }

        var url = Credentials.NamedUrl(parsed) ?? StoredLogins.ReadLeniently().GetValueOrDefault(profile)?.Url ?? Credentials.DefaultUrl;
        if (url is { Scheme: "http", IsLoopback: false })
        {
            terminal.Note($"Warning: {url} is not encrypted; whoever sits between can read the key.");
        }

        var file = parsed.GetValue(KeyFile);
        var variable = Credentials.Variable(Credentials.KeyVariable);
        var key = await GetKeyAsync(file, variable, url, cancellationToken);
        using var client = PlatformClient.Connect(url, key);
        WhoAmI who;
        try
        {
            who = await client.WhoAmIAsync(cancellationToken);
        }
        catch (PlatformException e) when (e.Status is HttpStatusCode.Unauthorized)
        {
            return Edge.Failed(terminal, e, Credentials.OtherKey(parsed, isOfVariable: file is null && variable is not null));
        }

        try
        {
            StoredLogins.Store(profile, new StoredLogin(url, key));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                "credentials_not_stored",
                $"The key works, but {StoredLogins.Path} cannot be written: {FileTrouble.Of(e, StoredLogins.Path)}. "
                    + $"Set {Credentials.KeyVariable} instead.");
        }

        terminal.Line($"Signed in to {url}: tenant {who.Tenant}, role {ApiName.Of(who.Role)}, key {who.KeyId}.");
        terminal.Line($"Stored as profile {profile} in {StoredLogins.Path}, readable by you alone.");
        if (variable is not null && variable != key)
        {
            terminal.Note($"{Credentials.KeyVariable} is set to another key and wins over the stored one: unset it, or say --profile {profile}.");
        }

        terminal.Document(new SignedIn(url, profile, who.Tenant, who.Role, who.KeyId, StoredLogins.Path), CliJson.Default.SignedIn);
        return ExitCode.Done;
    }

    private static async Task<string> GetKeyAsync(FileInfo? file, string? variable, Uri url, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            return KeyText.Check(await Secrets.ReadAsync(file, cancellationToken), file.ToString());
        }

        return variable is not null
            ? KeyText.Check(variable, Credentials.KeyVariable)
            : KeyText.Check(
                await Secrets.AskAsync($"API key for {url}", cancellationToken), Console.IsInputRedirected ? "standard input" : "your answer");
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,63}\\z", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex ProfileName { get; }
}

/// <summary>What <c>zoho login --json</c> answers: never the key.</summary>
internal sealed record SignedIn(Uri Url, string Profile, string Tenant, KeyRole Role, string KeyId, string StoredIn);
