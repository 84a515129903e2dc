using System.Globalization;
using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.World;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>A tag of a module.</summary>
internal sealed record CrmTag(long Id, string Module, string Name, string? Color);

/// <summary>What happened to a record, for those that watch.</summary>
internal enum ChangeKind
{
    Create,
    Edit,
    Delete,
}

/// <summary>One change of one record. <c>Values</c> are those that changed, by field.</summary>
internal sealed record RecordChange(CrmModule Module, CrmRecord Record, ChangeKind Kind, IReadOnlyList<CrmField> Fields);

/// <summary>One organisation's Zoho CRM. Whoever uses it holds <see cref="Gate"/>, and lets what is due be done first.</summary>
internal sealed class CrmOrganisation
{
    private const long IdsPerOrganisation = 1_000_000_000_000_000;
    private const long FirstId = 100_000_000;
    private const int MostPending = 1_000_000;

    private readonly Dictionary<string, CrmModule> _modules = new(StringComparer.Ordinal);
    private readonly List<RecordChange> _pending = [];
    private readonly Directory _directory;
    private readonly long _base;
    private long _lastId = FirstId;
    private long _sequence;

    public CrmOrganisation(ZohoOrganisation organisation, Directory directory)
    {
        (Organisation, _directory) = (organisation, directory);
        _base = (7001 + (organisation.Id % 1000)) * IdsPerOrganisation;
    }

    public Lock Gate { get; } = new();

    public ZohoOrganisation Organisation { get; }

    /// <summary>Whose offset times are written with.</summary>
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.FindSystemTimeZoneById("Europe/Madrid");

    /// <summary>The one profile; the ids after it are those of the organisation and of the one role.</summary>
    public long ProfileId => _base + FirstId - 10;

    public IEnumerable<CrmModule> Modules => _modules.Values;

    public List<CrmTag> Tags { get; } = [];

    /// <summary>What is to be done at a time by the simulator's clock.</summary>
    public PriorityQueue<Action<DateTimeOffset>, DateTimeOffset> Due { get; } = new();

    public Paging.PageTokenLedger PageTokens { get; } = new();

    public Notifications.Channels Channels { get; } = new();

    public Bulk.BulkJobs BulkJobs { get; } = new();

    public Merging.MergeJobs MergeJobs { get; } = new();

    /// <summary>How many records there have been: what a call that arrives now has before it.</summary>
    public long Sequence => _sequence;

    public CrmModule? FindModule(string apiName) => _modules.GetValueOrDefault(apiName);

    public void Add(CrmModule module) => _modules.Add(module.ApiName, module);

    /// <summary>Above every id before it, and above what a JavaScript number can hold.</summary>
    public long NextId() => _base + ++_lastId;

    /// <summary>The ids from now on are so far behind the first one, unless they are further already.</summary>
    public void GoOnAfter(long ids) => _lastId = Math.Max(_lastId, FirstId + ids);

    public CrmRecord NewRecord(CrmModule module, long user, DateTimeOffset now) => new(NextId(), module.ApiName, user, now, ++_sequence);

    public IReadOnlyList<ZohoUser> Users =>
        [.. _directory.UsersOf(Organisation.DataCentre).Where(user => user.OrganisationId == Organisation.Id)];

    /// <summary>A user's id inside the organisation, which is not that of the Zoho account.</summary>
    public long IdOf(ZohoUser user) => _base + (user.Zuid % 10_000_000_000 % FirstId);

    public ZohoUser? FindUser(long id) => Users.FirstOrDefault(user => IdOf(user) == id);

    /// <summary>What a lookup shows of the record it points to; null when that is gone.</summary>
    public string? NameOf(LookupValue value) =>
        FindModule(value.Module) is { } module && module.Find(value.Id) is { } record ? NameOf(module, record) : null;

    public static string NameOf(CrmModule module, CrmRecord record)
    {
        var name = module.NameField.Of(record) as string ?? "";
        return module.FindField("First_Name") is { } first && first.Of(record) is string { Length: > 0 } given ? $"{given} {name}" : name;
    }

    /// <summary>Does what is due, in order.</summary>
    public void Catch(DateTimeOffset now)
    {
        while (Due.TryPeek(out var next, out var at) && at <= now)
        {
            Due.Dequeue();
            next(at);
        }
    }

    /// <summary>Keeps a change for the callbacks, when anybody watches.</summary>
    public void Tell(CrmModule module, CrmRecord record, ChangeKind kind, IEnumerable<CrmField> fields)
    {
        if (Channels.Any && _pending.Count < MostPending)
        {
            _pending.Add(new(module, record, kind, [.. fields]));
        }
    }

    public IReadOnlyList<RecordChange> TakeChanges()
    {
        if (_pending.Count == 0)
        {
            return [];
        }

        IReadOnlyList<RecordChange> taken = [.. _pending];
        _pending.Clear();
        return taken;
    }

    public string Write(DateTimeOffset at) => CrmTime.Write(at, Zone);

    public static bool TryId(string? text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    public static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The CRM of every organisation, made with its standard modules when it is first asked for.</summary>
internal sealed class CrmOrganisations(Directory directory, DemoCrm demo)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, CrmOrganisation> _organisations = [];

    public CrmOrganisation Of(ZohoOrganisation organisation)
    {
        lock (_gate)
        {
            if (!_organisations.TryGetValue(organisation.Id, out var crm))
            {
                _organisations[organisation.Id] = crm = new(organisation, directory);
                Metadata.StandardModules.AddTo(crm);
                demo.Fill(crm);
            }

            return crm;
        }
    }

    /// <summary>Those that somebody has asked for.</summary>
    public IReadOnlyList<CrmOrganisation> Made()
    {
        lock (_gate)
        {
            return [.. _organisations.Values];
        }
    }

    /// <summary>Those that have something to do or to tell, with the API host of their data centre.</summary>
    public IReadOnlyList<(CrmOrganisation Organisation, string ApiHost)> WithDue()
    {
        lock (_gate)
        {
            return [.. _organisations.Values
                .Where(organisation => organisation.Due.Count > 0)
                .Select(organisation => (organisation, DataCentre.Find(organisation.Organisation.DataCentre)!.ApiHost!))];
        }
    }

    /// <summary>Every organisation as it was at first again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _organisations.Clear();
        }
    }
}
