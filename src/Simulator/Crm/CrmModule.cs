using System.Globalization;
using System.Runtime.InteropServices;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>Where a record stands in an order.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Place(DateTimeOffset At, long Id)
{
    /// <summary>By time, then by id.</summary>
    public static readonly IComparer<Place> Order = Comparer<Place>.Create((one, other) =>
        one.At != other.At ? one.At.CompareTo(other.At) : one.Id.CompareTo(other.Id));

    public static readonly Place First = new(DateTimeOffset.MinValue, long.MinValue);

    public static readonly Place Last = new(DateTimeOffset.MaxValue, long.MaxValue);
}

/// <summary>A layout: the fields it makes mandatory besides the module's own.</summary>
internal sealed class CrmLayout(long id, string name)
{
    public long Id { get; } = id;

    public string Name { get; } = name;

    /// <summary>An inactive layout asks for nothing.</summary>
    public bool Active { get; set; } = true;

    public HashSet<string> Required { get; } = new(StringComparer.Ordinal);
}

/// <summary>One module of an organisation with its fields and records. Whoever uses it holds the organisation's gate.</summary>
internal sealed class CrmModule(string apiName, string singular, string plural, long id, bool isCustom)
{
    private readonly Dictionary<string, CrmField> _fieldsByName = new(StringComparer.Ordinal);
    private readonly List<CrmField> _fields = [];
    private readonly Dictionary<long, CrmRecord> _records = [];
    private readonly SortedSet<Place> _byId = new(Place.Order);
    private readonly SortedSet<Place> _byCreated = new(Place.Order);
    private readonly SortedSet<Place> _byModified = new(Place.Order);
    private readonly Dictionary<long, DeletedRecord> _deleted = [];
    private readonly Dictionary<string, Dictionary<string, List<long>>> _lookups = new(StringComparer.Ordinal);
    private int _stored;

    public string ApiName { get; } = apiName;

    public string Singular { get; } = singular;

    public string Plural { get; } = plural;

    public long Id { get; } = id;

    public bool IsCustom { get; } = isCustom;

    public IReadOnlyList<CrmField> Fields => _fields;

    public List<CrmLayout> Layouts { get; } = [];

    public IReadOnlyCollection<CrmRecord> Records => _records.Values;

    public IReadOnlyCollection<DeletedRecord> Deleted => _deleted.Values;

    public bool IsLeads => ApiName is "Leads";

    /// <summary>The field whose value stands for the record: Last_Name (with the first name), Account_Name, Subject, Name.</summary>
    public CrmField NameField => _fields.First(
        known => known.ApiName is "Last_Name" or "Account_Name" or "Deal_Name" or "Subject" or "Note_Title" or "Name");

    public CrmField? FindField(string name) => _fieldsByName.GetValueOrDefault(name);

    public void Add(CrmField field)
    {
        if (field.Read is null)
        {
            field.Index = _stored++;
        }

        _fields.Add(field);
        _fieldsByName[field.ApiName] = field;
    }

    public CrmRecord? Find(long id) => _records.GetValueOrDefault(id);

    public DeletedRecord? FindDeleted(long id) => _deleted.GetValueOrDefault(id);

    /// <summary>The places in one of the three orders a list can have; that of ids keeps no time.</summary>
    public SortedSet<Place> Order(string sortBy) => sortBy switch
    {
        "Modified_Time" => _byModified,
        "Created_Time" => _byCreated,
        _ => _byId,
    };

    public static Place PlaceOf(CrmRecord record, string sortBy) => sortBy switch
    {
        "Modified_Time" => new(record.ModifiedAt, record.Id),
        "Created_Time" => new(record.CreatedAt, record.Id),
        _ => new(default, record.Id),
    };

    public void Add(CrmRecord record)
    {
        _records.Add(record.Id, record);
        _byId.Add(PlaceOf(record, "id"));
        _byCreated.Add(PlaceOf(record, "Created_Time"));
        _byModified.Add(PlaceOf(record, "Modified_Time"));
        Enter(record);
    }

    /// <summary>Changes values of a record: whole seconds, by whom, and what the search index still holds.</summary>
    public void Change(
        CrmRecord record, IReadOnlyDictionary<CrmField, object?> values, long user, DateTimeOffset now, TimeSpan indexDelay)
    {
        Leave(record);
        if (record.ModifiedAt + indexDelay <= now)
        {
            record.IndexedBefore = record.Values;
        }

        record.Values = With(record.Values, values);
        _byModified.Remove(PlaceOf(record, "Modified_Time"));
        record.ModifiedAt = now;
        record.ModifiedBy = user;
        _byModified.Add(PlaceOf(record, "Modified_Time"));
        Enter(record);
    }

    /// <summary>Changes values without a trace in Modified_Time, as a change elsewhere does that this record only refers to.</summary>
    public void Relink(CrmRecord record, CrmField field, object? value)
    {
        Leave(record);
        record.Values = With(record.Values, new Dictionary<CrmField, object?> { [field] = value });
        Enter(record);
    }

    public void Delete(CrmRecord record, long user, DateTimeOffset now, bool permanent)
    {
        Remove(record);
        _deleted[record.Id] = new(record, now, user, permanent);
    }

    /// <summary>Takes a record out of the recycle bin; its id is the old one and it counts as changed now.</summary>
    public void Restore(DeletedRecord deleted, long user, DateTimeOffset now)
    {
        _deleted.Remove(deleted.Record.Id);
        deleted.Record.ModifiedAt = now;
        deleted.Record.ModifiedBy = user;
        Add(deleted.Record);
    }

    public void Bury(DeletedRecord deleted) => _deleted[deleted.Record.Id] = deleted with { Permanent = true };

    public void Forget(long id) => _deleted.Remove(id);

    /// <summary>The records with that value, letters of either case alike, the newest first.</summary>
    public IEnumerable<CrmRecord> With(CrmField field, string value)
    {
        if (!_lookups.TryGetValue(field.ApiName, out var ids))
        {
            _lookups[field.ApiName] = ids = new(StringComparer.OrdinalIgnoreCase);
            foreach (var record in _records.Values)
            {
                Enter(record, field, ids);
            }
        }

        return ids.TryGetValue(value, out var found) ? found.Select(id => _records[id]).Reverse() : [];
    }

    /// <summary>How a value is looked up; null when there is nothing to look up.</summary>
    public static string? KeyOf(object? value) => value switch
    {
        null or "" => null,
        string text => text,
        LookupValue lookup => lookup.Id.ToString(CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static object?[] With(object?[] before, IReadOnlyDictionary<CrmField, object?> values)
    {
        var stored = values.Where(value => value.Key.Read is null).ToList();
        var length = Math.Max(before.Length, stored.Count == 0 ? 0 : stored.Max(value => value.Key.Index) + 1);
        var after = new object?[length];
        before.CopyTo(after, 0);
        foreach (var (field, value) in stored)
        {
            after[field.Index] = value;
        }

        return after;
    }

    private void Remove(CrmRecord record)
    {
        Leave(record);
        _records.Remove(record.Id);
        _byId.Remove(PlaceOf(record, "id"));
        _byCreated.Remove(PlaceOf(record, "Created_Time"));
        _byModified.Remove(PlaceOf(record, "Modified_Time"));
    }

    private void Enter(CrmRecord record)
    {
        foreach (var (name, ids) in _lookups)
        {
            Enter(record, _fieldsByName[name], ids);
        }
    }

    private static void Enter(CrmRecord record, CrmField field, Dictionary<string, List<long>> ids)
    {
        if (KeyOf(field.Of(record)) is { } key)
        {
            if (!ids.TryGetValue(key, out var with))
            {
                ids[key] = with = [];
            }

            with.Add(record.Id);
        }
    }

    private void Leave(CrmRecord record)
    {
        foreach (var (name, ids) in _lookups)
        {
            if (KeyOf(_fieldsByName[name].Of(record)) is { } key && ids.TryGetValue(key, out var with))
            {
                with.Remove(record.Id);
            }
        }
    }
}
