using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// The folder of what launches leave for each other: databases, <c>parameters.json</c> (mode 0600) with the secrets that open them, and
/// <c>logs/</c>. One launch at a time holds it. Logs and the simulator's world hold personal data: nobody else reads them.
/// </summary>
internal sealed class LaunchState : IDisposable
{
    /// <summary>The file with the demo tenant's key and the gateway's address, for commands that are called in the checkout.</summary>
    public const string DemoKey = "demo.env";

    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string Setting = "AppHost:StateDirectory";
    private const int HeldByAnother = 11;   // EAGAIN, by which Linux tells of a lock
    // PostgreSQL runs as a user of its own where root launches, and passes through
    private static readonly UnixFileMode FolderMode =
        OwnerOnly | UnixFileMode.UserExecute | (Environment.IsPrivilegedProcess ? UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : UnixFileMode.None);


    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _parameters = new();
    private readonly FileStream? _held;

    private LaunchState(string root, FileStream? held) => (Root, _held) = (root, held);

    public string Root { get; }

    public string Logs => Directory.CreateDirectory(Path.Combine(Root, "logs"), OwnerOnly | UnixFileMode.UserExecute).FullName;

    /// <summary>
    /// Takes <c>AppHost:StateDirectory</c>, relative to the checkout, or <c>.zoho</c> there. A manifest is written without it: that starts nothing.
    /// </summary>
    /// <exception cref="LaunchException">Another launch holds it, or it cannot be written or read.</exception>
    public static LaunchState Open(IDistributedApplicationBuilder builder, string checkout)
    {
        var root = Path.GetFullPath(builder.Configuration[Setting] is { Length: > 0 } configured ? configured : ".zoho", checkout);
        if (builder.ExecutionContext.IsPublishMode)
        {
            return new LaunchState(root, held: null);
        }

        try
        {
            Directory.CreateDirectory(root, FolderMode);
            var held = new FileStream(Path.Combine(root, "lock"), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
            Read(ParametersOf(root));   // what is damaged is found before anything starts
            return new LaunchState(root, held);
        }
        catch (IOException e) when (e.HResult == HeldByAnother)
        {
            throw new LaunchException($"The platform is running already on '{root}'. Stop it, or start this one with --{Setting}=FOLDER.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"The state folder '{root}' cannot be used: {e.Message} Mend that, or name another one with --{Setting}=FOLDER.", e);
        }
    }

    /// <summary>
    /// A secret that is made once and kept here, beside the data that it opens: the published <c>persist: true</c> keeps it in the user's
    /// profile, where it neither moves nor goes with the data.
    /// </summary>
    public ParameterDefault Keep(string name, GenerateParameterDefault generate) => Keep(name, generate.GetDefaultValue);

    /// <summary>The same, of what <paramref name="create"/> makes.</summary>
    public ParameterDefault Keep(string name, Func<string> create) => new KeptDefault(this, name, create);

    /// <summary>
    /// The container volume of a server's data: one for each state folder, named by its path's hash. The file <c>volumes</c> lists them, for who
    /// clears the folder.
    /// </summary>
    public string NameVolume(string server)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..12];
        var name = $"zoho-platform-{hash}-{server}";
        var list = Path.Combine(Root, "volumes");
        if (!File.Exists(list) || !File.ReadAllLines(list).Contains(name, StringComparer.Ordinal))
        {
            File.AppendAllLines(list, [name]);
        }

        return name;
    }

    /// <summary>The demo tenant's key, as the gateway has written it for this checkout's commands.</summary>
    /// <exception cref="IOException">It has not yet.</exception>
    public async Task<string> ReadDemoKeyAsync(CancellationToken cancellationToken) =>
        (await File.ReadAllLinesAsync(Path.Combine(Root, DemoKey), cancellationToken))[0].Split('=', 2)[1];

    /// <summary>Writes down where the dashboard is, for commands that are called in the checkout: the link signs in.</summary>
    public void KeepDashboard(string link)
    {
        using var file = new FileStream(
            DashboardLink, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        file.Write(Encoding.UTF8.GetBytes(link + "\n"));
    }

    public void Dispose()
    {
        if (_held is not null)
        {
            File.Delete(DashboardLink);
            _held.Dispose();
        }
    }

    private string DashboardLink => Path.Combine(Root, "dashboard");

    private string GetOrAdd(string name, Func<string> create)
    {
        lock (_parameters)
        {
            var path = ParametersOf(Root);
            var known = Read(path);
            if (!known.TryGetValue(name, out var value))
            {
                known[name] = value = create();
                var next = $"{path}.new";
                using (var file = new FileStream(
                    next, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
                {
                    JsonSerializer.Serialize(file, known, Indented);
                    file.Flush(flushToDisk: true);
                }

                File.Move(next, path, overwrite: true);     // a crash leaves the old file or the new one
            }

            return value;
        }
    }

    private static string ParametersOf(string root) => Path.Combine(root, "parameters.json");

    private static SortedDictionary<string, string> Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(path)) ?? [] : [];
        }
        catch (JsonException e)
        {
            throw new LaunchException(
                $"'{path}' is damaged ({e.Message}). Bring it back from a backup: it opens the data beside it. "
                + "Who has none removes the whole folder, and where postgres in it is a link, what it leads to first.", e);
        }
    }

    private sealed class KeptDefault(LaunchState state, string name, Func<string> create) : ParameterDefault
    {
        public override string GetDefaultValue() => state.GetOrAdd(name, create);

        public override void WriteToManifest(Aspire.Hosting.Publishing.ManifestPublishingContext context) =>
            throw new InvalidOperationException($"What is kept for {name} is this machine's own.");
    }
}
