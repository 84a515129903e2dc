using System.Threading.Channels;

namespace Aspire.Hosting.Runtime;

/// <summary>The lines of one replica: on the console, in a file, the newest also in memory, live to whoever listens.</summary>
internal sealed class ResourceLog : IDisposable
{
    private const int Kept = 500;
    private const long FileLimit = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<string> _newest = new(Kept);
    private readonly List<Channel<string>> _listeners = [];
    private readonly string _path;
    private readonly string _instance;
    private readonly LaunchConsole _console;
    private StreamWriter? _file;

    public ResourceLog(string folder, string instance, LaunchConsole console)
    {
        (_instance, _console) = (instance, console);
        _path = Path.Combine(folder, $"{instance}.log");
        _file = Open();
    }

    public void Add(string line)
    {
        _console.Line(_instance, line);
        lock (_lock)
        {
            if (_file is null)
            {
                return;
            }
            if (_file.BaseStream.Length > FileLimit)
            {
                _file.Dispose();
                _file = Open();
            }
            _file.WriteLine(line);
            if (_newest.Count == Kept)
            {
                _newest.Dequeue();
            }
            _newest.Enqueue(line);
            _listeners.ForEach(l => l.Writer.TryWrite(line));
        }
    }

    public IReadOnlyList<string> Newest(int lines)
    {
        lock (_lock)
        {
            return [.. _newest.TakeLast(lines)];
        }
    }

    /// <summary>The lines in memory, then every new one. A listener that falls behind loses the oldest.</summary>
    public async IAsyncEnumerable<string> ListenAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var channel = Channel.CreateBounded<string>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            foreach (var line in _newest)
            {
                channel.Writer.TryWrite(line);
            }
            _listeners.Add(channel);
        }
        try
        {
            await foreach (var line in channel.Reader.ReadAllAsync(ct))
            {
                yield return line;
            }
        }
        finally
        {
            lock (_lock)
            {
                _listeners.Remove(channel);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>A new file; what an earlier launch wrote stays beside it as <c>.previous.log</c>.</summary>
    private StreamWriter Open()
    {
        if (File.Exists(_path))
        {
            File.Move(_path, Path.ChangeExtension(_path, ".previous.log"), overwrite: true);
        }
        return new StreamWriter(new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }
}
