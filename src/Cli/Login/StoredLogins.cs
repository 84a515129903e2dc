using System.Text.Json;

namespace ZohoPlatform.Cli.Login;

/// <summary>
/// What <c>zoho login</c> stored: for each profile a gateway and a key, in <c>~/.config/zoho/credentials.json</c> or the system's equal, readable by
/// its owner alone.
/// </summary>
internal static class StoredLogins
{
    /// <summary>The profile that is used and stored where nobody names one.</summary>
    public const string Default = "default";

    private const UnixFileMode Owners = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string Path { get; } = System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "zoho",
        "credentials.json");

    /// <summary>By profile; none where nothing is stored.</summary>
    /// <exception cref="CommandFailure">The file cannot be read, or others can read it.</exception>
    public static IReadOnlyDictionary<string, StoredLogin> Read()
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (File.Exists(Path) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(Path) & others) != UnixFileMode.None)
        {
            throw new CommandFailure(
                "credentials_open", $"Others can read the keys in {Path}: close it with chmod 600, or sign in again with zoho login.");
        }

        return ReadAll() ?? throw new CommandFailure("credentials_unreadable", $"{Path} cannot be read: sign in again with zoho login.");
    }

    /// <summary>Those that can be read, whatever the state of the file.</summary>
    public static IReadOnlyDictionary<string, StoredLogin> ReadLeniently() =>
        ReadAll() ?? new Dictionary<string, StoredLogin>(StringComparer.Ordinal);

    public static void Store(string profile, StoredLogin login) =>
        Write(new Dictionary<string, StoredLogin>(ReadLeniently(), StringComparer.Ordinal) { [profile] = login });

    public static void Remove(string profile) =>
        Write(ReadLeniently().Where(stored => stored.Key != profile).ToDictionary(StringComparer.Ordinal));

    private static Dictionary<string, StoredLogin>? ReadAll()
    {
        try
        {
            if (!File.Exists(Path))
            {
                return new Dictionary<string, StoredLogin>(StringComparer.Ordinal);
            }

            using var file = File.OpenRead(Path);
            return JsonSerializer.Deserialize(file, CliJson.Default.StoredCredentials) is { Profiles: { } profiles }
                && profiles.Values.All(login => login is { Url: not null, Key.Length: > 0 })
                    ? new Dictionary<string, StoredLogin>(profiles, StringComparer.Ordinal)
                    : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(Dictionary<string, StoredLogin> profiles)
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
            Directory.CreateDirectory(folder, Owners | UnixFileMode.UserExecute);
            create.UnixCreateMode = Owners;
        }

        File.Delete(unfinished);
        using (var file = new FileStream(unfinished, create))
        {
            JsonSerializer.Serialize(file, new StoredCredentials(profiles), CliJson.Default.StoredCredentials);
        }

        File.Move(unfinished, Path, overwrite: true);
    }
}

/// <summary>The file.</summary>
internal sealed record StoredCredentials(Dictionary<string, StoredLogin> Profiles);

/// <summary>A gateway and the key for it.</summary>
internal sealed record StoredLogin(Uri Url, string Key)
{
    // a record prints its members: the key is a secret
    public override string ToString() => $"{nameof(StoredLogin)} for {Url}";
}
