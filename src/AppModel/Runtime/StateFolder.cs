using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Runtime;

/// <summary>
/// What launches leave for each other: <c>parameters.json</c> (mode 0600), <c>logs/</c>, <c>pids/</c>, and <c>tmp/</c>, which a
/// launch empties at both ends. One launch at a time holds it.
/// </summary>
internal sealed class StateFolder : IDisposable
{
    public const string Setting = "AppHost:StateDirectory";

    private const string TemporaryPrefix = "apphost-";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly TimeSpan OldAfter = TimeSpan.FromMinutes(10);

    private readonly Lock _parameters = new();
    private readonly bool _isTemporary;
    private FileStream? _lock;

    private StateFolder(string root, bool isTemporary) => (Root, _isTemporary) = (root, isTemporary);

    public string Root { get; }

    public string Logs => Directory.CreateDirectory(Path.Combine(Root, "logs")).FullName;

    private string Pids => Directory.CreateDirectory(Path.Combine(Root, "pids")).FullName;

    private string Scratch => Path.Combine(Root, "tmp");

    /// <summary>The configured folder, else <c>.zoho</c> beside the solution that holds the app host.</summary>
    public static StateFolder For(IConfiguration configuration, string appHostDirectory)
    {
        if (configuration[Setting] is { Length: > 0 } configured)
        {
            return new(Path.GetFullPath(configured, appHostDirectory), isTemporary: false);
        }
        var solution = appHostDirectory;
        while (solution is not null && !Directory.EnumerateFiles(solution, "*.sln").Any())
        {
            solution = Path.GetDirectoryName(solution);
        }
        return new(Path.Combine(solution ?? appHostDirectory, ".zoho"), isTemporary: false);
    }

    /// <summary>A folder that goes with its application; those that others were killed before removing go too.</summary>
    public static StateFolder Temporary()
    {
        _ = Task.Run(RemoveUnused);     // databases are many files, and nobody waits for these
        var root = Directory.CreateTempSubdirectory(TemporaryPrefix).FullName;
        // created for its owner alone; a server that runs as another user has its data below
        File.SetUnixFileMode(root, File.GetUnixFileMode(root) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        return new(root, isTemporary: true);
    }

    /// <summary>Takes the folder for this launch and sees to it that nothing of the one before is left running.</summary>
    /// <exception cref="DistributedApplicationException">Another launch holds it.</exception>
    public async Task AcquireAsync(TimeProvider clock, CancellationToken ct)
    {
        Directory.CreateDirectory(Root);
        var path = Path.Combine(Root, "lock");
        try
        {
            _lock = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new DistributedApplicationException($"Another launch uses '{Root}'. Stop it, or set {Setting} to a folder of its own.");
        }
        foreach (var file in Directory.GetFiles(Pids))
        {
            if (ProcessIdentity.Read(file) is { } leftover)
            {
                await leftover.WaitUntilGoneAsync(clock, ct);
            }
            File.Delete(file);
        }
        DropScratch();
    }

    public void RecordProcess(string instance, int pid) => ProcessIdentity.Of(pid)?.Write(Path.Combine(Pids, instance));

    public void ForgetProcess(string instance) => File.Delete(Path.Combine(Pids, instance));

    /// <summary>Where a server puts data that nobody asked to keep.</summary>
    public string ScratchFor(string resource) => Path.Combine(Scratch, resource);

    public string GetOrAddParameter(string name, Func<string> create)
    {
        lock (_parameters)
        {
            Directory.CreateDirectory(Root);
            var path = Path.Combine(Root, "parameters.json");
            var known = File.Exists(path) ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(path)) ?? [] : [];
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

    public void Dispose()
    {
        if (_lock is not null)
        {
            DropScratch();
            _lock.Dispose();
            _lock = null;
        }
        if (_isTemporary && Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private static void RemoveUnused()
    {
        foreach (var folder in Directory.GetDirectories(Path.GetTempPath(), $"{TemporaryPrefix}*"))
        {
            try
            {
                if (TimeProvider.System.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(folder) > OldAfter)
                {
                    using var unused = new FileStream(
                        Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // in use, or another user's
            }
        }
    }

    private void DropScratch()
    {
        if (Directory.Exists(Scratch))
        {
            foreach (var link in Directory.GetDirectories(Scratch).Select(d => new DirectoryInfo(d)).Where(d => d.LinkTarget is not null))
            {
                if (link.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target)
                {
                    Directory.Delete(target.FullName, recursive: true);
                }
            }
            Directory.Delete(Scratch, recursive: true);
        }
    }

    /// <summary>A process that cannot be mistaken for a later one with the same number.</summary>
    private sealed record ProcessIdentity(int Pid, string StartTime)
    {
        private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

        public static ProcessIdentity? Of(int pid) => ProcFs.StartTimeOf(pid) is { } started ? new(pid, started) : null;

        public static ProcessIdentity? Read(string file) =>
            File.ReadAllText(file).Split(' ') is [var pid, var started] && int.TryParse(pid, CultureInfo.InvariantCulture, out var number)
                ? new(number, started)
                : null;

        public void Write(string file) => File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTime}"));

        /// <summary>Its own watcher is stopping it; only what outlives that is killed here.</summary>
        public async Task WaitUntilGoneAsync(TimeProvider clock, CancellationToken ct)
        {
            var begin = clock.GetTimestamp();
            while (Of(Pid) == this)
            {
                if (clock.GetElapsedTime(begin) > Grace)
                {
                    Signals.Send(Pid, Signals.Kill);
                }
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, ct);
            }
        }
    }
}
