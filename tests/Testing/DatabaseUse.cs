using System.Diagnostics.Metrics;

namespace ZohoPlatform.Testing;

/// <summary>
/// What services in this process do with one database, as Npgsql itself counts it; a test's own looks, as another role, are not in it.
/// </summary>
public sealed class DatabaseUse : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly string _database;
    private readonly string _role;
    private long _commands;
    private long _used;

    /// <param name="database">Its name.</param>
    public DatabaseUse(string database)
    {
        (_database, _role) = ($"Database={database};", $"Username={database}_service;");
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "Npgsql", Name: "db.client.operation.duration" or "db.client.connection.count" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            if (IsOurs(tags))
            {
                Interlocked.Increment(ref _commands);
            }
        });
        _listener.SetMeasurementEventCallback<int>((_, count, tags, _) =>
        {
            if (IsOurs(tags) && tags.ToArray().Any(tag => tag is { Key: "db.client.connection.state", Value: "used" }))
            {
                Interlocked.Add(ref _used, count);
            }
        });
        _listener.Start();
    }

    /// <summary>Commands that were run since it was made.</summary>
    public long Commands => Interlocked.Read(ref _commands);

    /// <summary>Connections that are not in the pool just now.</summary>
    public long UsedConnections
    {
        get
        {
            Interlocked.Exchange(ref _used, 0);
            _listener.RecordObservableInstruments();
            return Interlocked.Read(ref _used);
        }
    }

    public void Dispose() => _listener.Dispose();

    private bool IsOurs(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (name, value) in tags)
        {
            if (name == "db.client.connection.pool.name" && value is string pool
                && $"{pool};".Contains(_database, StringComparison.Ordinal) && $"{pool};".Contains(_role, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
