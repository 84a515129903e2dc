using System.CommandLine;
using System.CommandLine.Completions;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Login;

/// <summary>
/// Which gateway, and with which key: a profile that <c>--profile</c> names; else the environment (<c>ZOHO_PLATFORM_API_KEY</c>,
/// <c>ZOHO_PLATFORM_URL</c>); else the profile of <c>ZOHO_PLATFORM_PROFILE</c>, or the default one; else the demo key of the checkout one stands in.
/// A stored key goes only to the address it was stored with.
/// </summary>
internal static class Credentials
{
    public const string KeyVariable = "ZOHO_PLATFORM_API_KEY";
    public const string UrlVariable = "ZOHO_PLATFORM_URL";
    public const string ProfileVariable = "ZOHO_PLATFORM_PROFILE";

    public static readonly Uri DefaultUrl = new("http://127.0.0.1:8080");

    public static readonly Option<string?> Url = new("--url")
    {
        HelpName = "ADDRESS",
        Description = $"The gateway's address; {UrlVariable}, or the one that the key was stored for, when absent.",
        Recursive = true,
    };

    public static readonly Option<string?> Profile = new("--profile")
    {
        HelpName = "NAME",
        Description = $"Which stored gateway and key; {ProfileVariable}, or {StoredLogins.Default}, when absent.",
        Recursive = true,
        CompletionSources = { Stored },
    };

    public static PlatformClient Connect(ParseResult parsed, Terminal terminal)
    {
        var found = Find(parsed);
        if (found.Note is not null)
        {
            terminal.Note(found.Note);
        }

        return PlatformClient.Connect(found.Url, found.Key);
    }

    /// <exception cref="CommandFailure">There is no key, or it cannot be used.</exception>
    public static FoundLogin Find(ParseResult parsed)
    {
        var url = NamedUrl(parsed);
        if (parsed.GetValue(Profile) is null && Variable(KeyVariable) is { } key)
        {
            return new FoundLogin(
                url ?? StoredLogins.Read().GetValueOrDefault(NamedProfile(parsed) ?? StoredLogins.Default)?.Url ?? DefaultUrl,
                KeyText.Check(key, KeyVariable),
                KeyVariable);
        }

        return NamedProfile(parsed) is { } profile ? OfProfile(profile, url)
            : OfStored(url) ?? OfCheckout(url)
            ?? throw new CommandFailure(
                "not_signed_in",
                $"There is no key for {url ?? DefaultUrl}: sign in with zoho login{(url is null ? "" : $" --url {url}")}, or set {KeyVariable}.");
    }

    /// <summary>What to do about a key that the gateway does not take.</summary>
    public static string OtherKey(ParseResult parsed) =>
        OtherKey(parsed, parsed.GetValue(Profile) is null && Variable(KeyVariable) is not null);

    /// <inheritdoc cref="OtherKey(ParseResult)"/>
    /// <param name="parsed">The command line.</param>
    /// <param name="isOfVariable">The key is the environment's: signing in takes it again.</param>
    public static string OtherKey(ParseResult parsed, bool isOfVariable) => isOfVariable
        ? $"The key comes from {KeyVariable}: unset that and sign in with zoho login, or name another one: zoho login --key-file FILE"
        : $"Sign in with another key: zoho login{(parsed.GetValue(Profile) is { } profile ? $" --profile {profile}" : "")}";

    /// <summary>The profile that is asked for; null where none is.</summary>
    public static string? NamedProfile(ParseResult parsed) => parsed.GetValue(Profile) ?? Variable(ProfileVariable);

    /// <summary>The address that is asked for; null where none is.</summary>
    public static Uri? NamedUrl(ParseResult parsed) => (parsed.GetValue(Url) ?? Variable(UrlVariable)) is { } text ? ParseUrl(text) : null;

    public static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value.Trim() : null;

    // an absolute http or https address without anything that does not belong there
    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && url is { UserInfo: "", Query: "", Fragment: "" }
            ? url
            : throw new CommandFailure(
                // who wrote a password into it does not want it on the screen
                "url_invalid", "The gateway's address must look like https://platform.example.com: without user, ? and #.");

    private static IEnumerable<string> Stored(CompletionContext context) => StoredLogins.ReadLeniently().Keys;

    private static FoundLogin OfProfile(string profile, Uri? url)
    {
        var logins = StoredLogins.Read();
        if (!logins.TryGetValue(profile, out var login))
        {
            var stored = logins.Count == 0 ? "none is stored" : $"stored are {string.Join(", ", logins.Keys.Order(StringComparer.Ordinal))}";
            throw new CommandFailure(
                "profile_unknown", $"There is no profile {profile} ({stored}): zoho login --profile {profile} --url https://... stores it.");
        }

        return url is null || url == login.Url
            ? FoundLogin.OfProfile(profile, login)
            : throw new CommandFailure(
                "profile_elsewhere",
                $"The key of the profile {profile} is for {login.Url} and goes nowhere else: sign in with zoho login --url {url} --profile ANOTHER.");
    }

    private static FoundLogin? OfStored(Uri? url)
    {
        var logins = StoredLogins.Read();
        var fitting = logins.Where(login => url is null || login.Value.Url == url).ToList();
        return fitting switch
        {
            [] => null,
            [var only] => FoundLogin.OfProfile(only.Key, only.Value),
            _ when fitting.Find(login => login.Key == StoredLogins.Default) is { Value: { } login } =>
                FoundLogin.OfProfile(StoredLogins.Default, login),
            _ => throw new CommandFailure(
                "profile_not_chosen",
                $"Say which with --profile: {string.Join(", ", fitting.Select(login => login.Key).Order(StringComparer.Ordinal))}."),
        };
    }

    private static FoundLogin? OfCheckout(Uri? named)
    {
        var file = FindDemoFile();
        var url = named ?? (file is not null && ReadDemo(file, UrlVariable) is { } text ? ParseUrl(text) : DefaultUrl);
        return url.IsLoopback && file is not null && ReadDemo(file, KeyVariable) is { } key
            ? new FoundLogin(url, KeyText.Check(key, file), file) { Note = $"Using the demo key of {file} at {url}." }
            : null;
    }

    private static string? FindDemoFile() =>
        Checkout.StateFolder is { } state && Path.Combine(state, "demo.env") is var file && File.Exists(file) ? file : null;

    private static string? ReadDemo(string file, string name)
    {
        try
        {
            return File.ReadLines(file)
                .Where(line => line.StartsWith(name + "=", StringComparison.Ordinal))
                .Select(line => line[(name.Length + 1)..].Trim())
                .FirstOrDefault(value => value.Length > 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                "demo_key_unreadable",
                $"{file} cannot be read: run this as the user who started the platform, or sign in with zoho login.");
        }
    }
}

/// <summary>Where to, and with which key.</summary>
/// <param name="Url">The gateway.</param>
/// <param name="Key">A secret.</param>
/// <param name="From">Where the key was found: a variable, a profile, a file.</param>
internal sealed record FoundLogin(Uri Url, string Key, string From)
{
    /// <summary>What a person should know of it; null for nothing.</summary>
    public string? Note { get; init; }

    public static FoundLogin OfProfile(string profile, StoredLogin login) =>
        new(login.Url, KeyText.Check(login.Key, $"the profile {profile}"), $"profile {profile}");

    // a record prints its members: the key is a secret
    public override string ToString() => $"{nameof(FoundLogin)} for {Url}";
}
