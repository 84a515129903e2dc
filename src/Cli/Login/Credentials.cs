using System.Text.Json;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Login;

/// <summary>
/// Which gateway, and with which key. The environment wins (<c>ZOHO_PLATFORM_API_KEY</c>, <c>ZOHO_PLATFORM_URL</c>), then what
/// <c>zoho login</c> stored, then the demo key of the checkout one stands in. A stored key goes only to the address it was stored with.
/// </summary>
internal static class Credentials
{
    public const string KeyVariable = "ZOHO_PLATFORM_API_KEY";
    public const string UrlVariable = "ZOHO_PLATFORM_URL";

    public static readonly Uri DefaultUrl = new("http://127.0.0.1:8080");

    /// <summary>Where they are stored: <c>~/.config/zoho/credentials.json</c>, or the system's equal.</summary>
    public static string Path { get; } = System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "zoho",
        "credentials.json");

    public static PlatformClient Connect(Terminal terminal)
    {
        var (url, key) = Find(terminal);
        return PlatformClient.Connect(url, key);
    }

    public static void Store(Uri url, string key)
    {
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        var unfinished = Path + ".new";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        File.Delete(unfinished);
        using (var file = new FileStream(unfinished, create))
        {
            JsonSerializer.Serialize(file, new StoredCredentials(url, key), CliJson.Default.StoredCredentials);
        }

        File.Move(unfinished, Path, overwrite: true);
    }

    /// <summary>An absolute http or https address without anything that does not belong there.</summary>
    public static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && url is { UserInfo: "", Query: "", Fragment: "" }
            ? url
            : throw new CommandFailure(
                "url_invalid", $"{text} is not the address of a gateway: it looks like https://platform.example.com.");

    private static (Uri Url, string Key) Find(Terminal terminal)
    {
        var namedUrl = Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } text ? ParseUrl(text) : null;
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
        {
            return (namedUrl ?? Read()?.Url ?? DefaultUrl, key.Trim());
        }

        var stored = Read();
        if (stored is not null && (namedUrl is null || namedUrl == stored.Url))
        {
            return (stored.Url, stored.Key);
        }

        var file = FindDemoFile();
        var url = namedUrl ?? (file is null ? null : ReadDemo(file, UrlVariable) is { } demoUrl ? ParseUrl(demoUrl) : null) ?? DefaultUrl;
        if (url.IsLoopback && file is not null && ReadDemo(file, KeyVariable) is { } demoKey)
        {
            terminal.Note($"Using the demo key of {file} at {url}.");
            return (url, demoKey);
        }

        throw new CommandFailure("not_signed_in", $"There is no key for {url}: sign in with zoho login, or set {KeyVariable}.");
    }

    private static StoredCredentials? Read()
    {
        try
        {
            if (!File.Exists(Path))
            {
                return null;
            }

            const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(Path) & others) != UnixFileMode.None)
            {
                throw new CommandFailure(
                    "credentials_open", $"Others can read the key in {Path}: close it with chmod 600, or sign in again.");
            }

            using var file = File.OpenRead(Path);
            return JsonSerializer.Deserialize(file, CliJson.Default.StoredCredentials) is { Url: not null, Key.Length: > 0 } stored
                ? stored
                : throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure("credentials_unreadable", $"{Path} cannot be read: sign in again with zoho login.");
        }
    }

    // only beside the solution: a .zoho folder alone may be anybody's
    private static string? FindDemoFile()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "ZohoPlatform.sln")))
            {
                var file = System.IO.Path.Combine(folder.FullName, ".zoho", "demo.env");
                return File.Exists(file) ? file : null;
            }
        }

        return null;
    }

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

/// <summary>The file that <c>zoho login</c> writes.</summary>
internal sealed record StoredCredentials(Uri Url, string Key)
{
    // a record prints its members: the key is a secret
    public override string ToString() => $"{nameof(StoredCredentials)} for {Url}";
}
