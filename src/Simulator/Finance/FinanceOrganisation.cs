using System.Globalization;
using ZohoPlatform.Simulator.Finance.Limits;
using ZohoPlatform.Simulator.World;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>A custom field of an entity, <c>cf_...</c>; a unique one is set to "no duplicates".</summary>
internal sealed record FinanceCustomField(
    long Id, int Index, string Entity, string Label, string ApiName, string DataType, bool IsUnique);

/// <summary>What a control has every list of an entity do before it answers: some rows are edited, some deleted.</summary>
internal sealed record EditsBetweenPages(int Edited, int Deleted, int CallsLeft, Random Random);

/// <summary>
/// One organisation of Zoho Finance. Its rows are one store, of which the three products are views. Whoever uses it holds
/// <see cref="Gate"/>.
/// </summary>
internal sealed class FinanceOrganisation
{
    private const long IdsPerOrganisation = 100_000_000_000_000;
    private const long FirstId = 100;
    private const long IdsPerSecond = 100_000;

    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, FinanceTable> _tables =
        FinanceEntities.All.ToDictionary(entity => entity.Name, entity => new FinanceTable(entity), StringComparer.Ordinal);

    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private readonly long _base;
    private long _lastId = FirstId;

    public FinanceOrganisation(long id, string name, bool isDefault, TimeZoneInfo zone, string currency, FinancePlan plan, DateTimeOffset created)
    {
        (Id, Name, IsDefault, Zone, Currency, Created) = (id, name, isDefault, zone, currency, created);
        Limits = new(plan);
        _base = (46_000 + (id % 40_000)) * IdsPerOrganisation;
    }

    public Lock Gate { get; } = new();

    public long Id { get; }

    public string Name { get; }

    public bool IsDefault { get; }

    public TimeZoneInfo Zone { get; set; }

    public string Currency { get; }

    public DateTimeOffset Created { get; }

    public string CurrencyId => Text(_base + 1);

    public FinanceLimits Limits { get; }

    public List<FinanceCustomField> CustomFields { get; } = [];

    public Dictionary<string, EditsBetweenPages> Edits { get; } = new(StringComparer.Ordinal);

    public IEnumerable<FinanceTable> Tables => _tables.Values;

    public FinanceTable Table(FinanceEntity entity) => _tables[entity.Name];

    public long NextId() => TakeIds(1);

    /// <summary>That many ids in a row; the first of them.</summary>
    public long TakeIds(long count)
    {
        var first = _base + _lastId + 1;
        _lastId += count;
        return first;
    }

    /// <summary>
    /// A reset forgets the rows and whoever keeps copies does not: what is made from now on has ids that no row had before.
    /// </summary>
    public void PassUsedIds() =>
        _lastId = Math.Max(_lastId, (long)((TimeProvider.System.GetUtcNow() - Epoch).TotalSeconds * IdsPerSecond));

    /// <summary>That many numbers of an entity in a row; the first of them.</summary>
    public long TakeNumbers(FinanceEntity entity, long count)
    {
        var first = _numbers.GetValueOrDefault(entity.Name) + 1;
        _numbers[entity.Name] = first + count - 1;
        return first;
    }

    public IEnumerable<FinanceCustomField> CustomFieldsOf(FinanceEntity entity) => CustomFields.Where(field => field.Entity == entity.Name);

    public string Write(DateTimeOffset at) => FinanceTime.Write(at, Zone);

    public static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// The finance organisations of every account, made when they are first asked for: the account's own one under its id, and those that were
/// added.
/// </summary>
internal sealed class FinanceOrganisations(DemoFinance demo, TimeProvider clock)
{
    private const long FirstAdded = 700_010_001;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, List<FinanceOrganisation>> _accounts = [];
    private long _added;

    public IReadOnlyList<FinanceOrganisation> Of(ZohoOrganisation account)
    {
        lock (_gate)
        {
            return [.. ListOf(account)];
        }
    }

    public FinanceOrganisation Add(ZohoOrganisation account, string name, TimeZoneInfo zone, string currency, FinancePlan plan)
    {
        lock (_gate)
        {
            var added = new FinanceOrganisation(FirstAdded + _added++, name, isDefault: false, zone, currency, plan, clock.GetUtcNow());
            added.PassUsedIds();
            ListOf(account).Add(added);
            return added;
        }
    }

    /// <summary>Every account as it was at first again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _accounts.Clear();
            _added = 0;
        }
    }

    private List<FinanceOrganisation> ListOf(ZohoOrganisation account)
    {
        if (!_accounts.TryGetValue(account.Id, out var organisations))
        {
            var (zone, currency) = FinancePlaces.Of(account.DataCentre);
            var first = new FinanceOrganisation(
                account.Id, account.Name, isDefault: true, TimeZoneInfo.FindSystemTimeZoneById(zone), currency,
                FinancePlan.Find("Professional")!, clock.GetUtcNow());
            demo.Fill(first, account);
            first.PassUsedIds();
            _accounts[account.Id] = organisations = [first];
        }

        return organisations;
    }
}

/// <summary>Where an account's own organisation is by its data centre.</summary>
internal static class FinancePlaces
{
    public static (string Zone, string Currency) Of(string dataCentre) => dataCentre switch
    {
        "eu" => ("Europe/Berlin", "EUR"),
        "in" => ("Asia/Kolkata", "INR"),
        "au" => ("Australia/Sydney", "AUD"),
        "jp" => ("Asia/Tokyo", "JPY"),
        "cn" => ("Asia/Shanghai", "CNY"),
        "ca" => ("America/Toronto", "CAD"),
        "sa" => ("Asia/Riyadh", "SAR"),
        "uk" => ("Europe/London", "GBP"),
        "ae" => ("Asia/Dubai", "AED"),
        "sg" => ("Asia/Singapore", "SGD"),
        _ => ("America/New_York", "USD"),
    };
}
