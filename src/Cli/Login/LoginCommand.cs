using System.CommandLine;
using Spectre.Console;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Login;

/// <summary><c>zoho login</c>: tries a key at a gateway and stores both.</summary>
internal static class LoginCommand
{
    private static readonly Option<string?> Url = new("--url")
    {
        HelpName = "ADDRESS",
        Description = $"The gateway's address; {Credentials.UrlVariable} or {Credentials.DefaultUrl} when absent.",
    };

    private static readonly Option<string?> KeyFile = new("--key-file")
    {
        HelpName = "FILE",
        Description = $"A file that holds the API key; otherwise {Credentials.KeyVariable}, stdin, or asked for.",
    };

    public static Command Create()
    {
        var command = new Command("login", "Sign in to a gateway: the key is tried, then stored for you alone.") { Url, KeyFile };
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var named = parsed.GetValue(Url) ?? Environment.GetEnvironmentVariable(Credentials.UrlVariable);
        var url = string.IsNullOrEmpty(named) ? Credentials.DefaultUrl : Credentials.ParseUrl(named);
        if (url is { Scheme: "http", IsLoopback: false })
        {
            terminal.Note($"Warning: {url} is not encrypted; whoever sits between can read the key.");
        }

        var key = await GetKeyAsync(parsed.GetValue(KeyFile), url, cancellationToken);
        using var client = PlatformClient.Connect(url, key);
        var who = await client.WhoAmIAsync(cancellationToken);
        try
        {
            Credentials.Store(url, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure("credentials_not_stored", $"The key works, but {Credentials.Path} cannot be written.");
        }

        terminal.Line($"Signed in to {url}: tenant {who.Tenant}, role {ApiName.Of(who.Role)}, key {who.KeyId}.");
        terminal.Line($"Stored in {Credentials.Path}, readable by you alone.");
        if (Environment.GetEnvironmentVariable(Credentials.KeyVariable) is { Length: > 0 } variable && variable.Trim() != key)
        {
            terminal.Note($"{Credentials.KeyVariable} is set to another key and wins over the stored one.");
        }

        terminal.Document(new SignedIn(url, who.Tenant, who.Role, who.KeyId, Credentials.Path), CliJson.Default.SignedIn);
        return ExitCode.Done;
    }

    private static async Task<string> GetKeyAsync(string? keyFile, Uri url, CancellationToken cancellationToken)
    {
        var text = keyFile is not null
            ? await ReadAsync(keyFile, cancellationToken)
            : Environment.GetEnvironmentVariable(Credentials.KeyVariable);
        if (string.IsNullOrEmpty(text))
        {
            text = Console.IsInputRedirected ? await Console.In.ReadLineAsync(cancellationToken) : await AskAsync(url, cancellationToken);
        }

        var key = text?.Trim() ?? "";
        return key.StartsWith("zp_", StringComparison.Ordinal) && key.All(c => c is > ' ' and <= '~')
            ? key
            : throw new CommandFailure(
                "key_malformed", "That is no API key of the platform: one looks like zp_{id}_{secret}. An admin of your tenant makes one.");
    }

    private static Task<string> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        // the first look at the keyboard ends the terminal's echo: it must be over before anybody pastes
        _ = Console.KeyAvailable;
        var prompt = new TextPrompt<string>($"API key for {url.ToString().EscapeMarkup()} (not shown):").Secret(null);
        return prompt.ShowAsync(AnsiConsole.Console, cancellationToken);
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure("key_file_unreadable", $"{path} cannot be read.");
        }
    }
}

/// <summary>What <c>zoho login --json</c> answers: never the key.</summary>
internal sealed record SignedIn(Uri Url, string Tenant, KeyRole Role, string KeyId, string StoredIn);
