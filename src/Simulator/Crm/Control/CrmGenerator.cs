using System.Globalization;

namespace ZohoPlatform.Simulator.Crm.Control;

/// <summary>Invents records from a seed: the same seed in an empty module makes the same values.</summary>
internal sealed class CrmGenerator(CrmOrganisation organisation, CrmModule module, int seed)
{
    // shared by all records, so that a large world is small in memory
    private static readonly string[] FirstNames =
        ["Ada", "Ana", "Anders", "Ben", "Carla", "Chen", "Dana", "Eva", "Farid", "Gus", "Hanna", "Ivan", "João", "Kim", "Lea", "Marta",
            "Noor", "Olga"];

    private static readonly string[] LastNames =
        ["Alvarez", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Horvat", "Ito", "Jansen", "Kowalski", "López", "Müller",
            "O'Neil", "Peña", "Rossi", "Šimić", "Zhou"];

    private static readonly string[] Companies =
        ["Abril, S.A.", "Borealis \"B\" Ltd", "Cedro", "Delta Homes", "Encina", "Faro", "Granja & Co", "Horizonte", "Isla", "Jardín",
            "Lumen", "Mar y Sol"];

    private static readonly string[] Cities = ["Madrid", "Málaga", "Lisboa", "Berlin", "Kraków", "Paris", "Oslo", "Valencia"];

    private static readonly string[] Texts =
        ["Called about the flat.", "Wants two rooms,\nfirst floor", "Asked for \"quiet\"", new('x', 600), "Ñandú, ação, 東京"];

    private readonly Random _random = new(seed);
    private readonly List<CrmField> _fields = [.. module.Fields.Where(field => field is { Read: null, ReadOnly: false })];

    /// <summary>
    /// Adds so many, the last of them now, the others before it with <paramref name="perSecond"/> in each second.
    /// </summary>
    public void Add(int count, int perSecond, long user, DateTimeOffset now)
    {
        for (var i = 0; i < count; i++)
        {
            var at = now.AddSeconds(-((count - 1 - i) / perSecond));
            var record = organisation.NewRecord(module, user, at);
            record.Values = new object?[_fields.Max(field => field.Index) + 1];
            foreach (var field in _fields)
            {
                record.Values[field.Index] = Value(field, record.Sequence);
            }

            module.Add(record);
            organisation.Tell(module, record, ChangeKind.Create, []);
        }
    }

    /// <summary>So many different records that are there, by the seed; fewer when there are not as many.</summary>
    public List<CrmRecord> Pick(int count)
    {
        var ids = module.Records.Where(record => record is { Conversion: null, InMerge: false }).Select(record => record.Id).Order()
            .ToArray();
        _random.Shuffle(ids);
        return [.. ids.Take(count).Select(id => module.Find(id)!)];
    }

    /// <summary>Another value for one of the record's texts.</summary>
    public (CrmField Field, object? Value) Edit(CrmRecord record)
    {
        var texts = _fields.Where(field => field.Type is FieldType.Text or FieldType.Phone && !field.IsUnique && field.Options.Count == 0
            && field != module.FindField("Call_Duration")).ToList();
        var field = texts[_random.Next(texts.Count)];
        return field.Type is FieldType.Phone
            ? (field, Phone())
            : (field, Cut(field, string.Create(CultureInfo.InvariantCulture, $"{One(LastNames)} {_random.Next(1_000_000)}")));
    }

    private object? Value(CrmField field, long number)
    {
        var empty = !field.SystemMandatory && !field.IsUnique && _random.Next(10) == 0;
        return empty ? null : field switch
        {
            { ApiName: "Call_Duration" } => "01:30",
            { ApiName: "First_Name" } => One(FirstNames),
            { ApiName: "Last_Name" } => One(LastNames),
            { ApiName: "Company" } => One(Companies),
            { ApiName: "Account_Name" or "Deal_Name" or "Name" or "Subject" } when field.Type is FieldType.Text =>
                string.Create(CultureInfo.InvariantCulture, $"{module.Singular} {number}"),
            { Type: FieldType.Text } => Cut(
                field, field.IsUnique ? string.Create(CultureInfo.InvariantCulture, $"{field.ApiName}-{number}") : One(Cities)),
            { Type: FieldType.TextArea or FieldType.RichText } => One(Texts),
            { Type: FieldType.Email } => string.Create(CultureInfo.InvariantCulture, $"person{number}@example.com"),
            { Type: FieldType.Phone } => Phone(),
            { Type: FieldType.Website } => "https://www.example.com",
            { Type: FieldType.Picklist } => field.Options.Count > 0 ? One(field.Options) : One(Cities),
            { Type: FieldType.MultiSelectPicklist } => field.Options.Take(_random.Next(1, 3)).ToArray(),
            { Type: FieldType.Integer } => (long)_random.Next(1000),
            { Type: FieldType.Double or FieldType.Currency } => _random.Next(10_000_000) / 100m,
            { Type: FieldType.Boolean } => _random.Next(2) == 0,
            { Type: FieldType.Date } => string.Create(
                CultureInfo.InvariantCulture, $"{_random.Next(1950, 2030)}-{_random.Next(1, 13):00}-{_random.Next(1, 29):00}"),
            { Type: FieldType.DateTime } => new DateTimeOffset(
                2026, _random.Next(1, 13), _random.Next(1, 29), _random.Next(24), _random.Next(60), 0, TimeSpan.Zero),
            { Type: FieldType.Lookup } => Lookup(field),
            _ => null,
        };
    }

    private LookupValue? Lookup(CrmField field) =>
        field.LookupModule is { } name && organisation.FindModule(name)!.Order("id") is { Count: > 0 } order
            ? new(name, order.Max.Id)
            : null;

    private string Phone() => string.Create(
        CultureInfo.InvariantCulture, $"+34 6{_random.Next(100):00} {_random.Next(1000):000} {_random.Next(1000):000}");

    private T One<T>(IReadOnlyList<T> of) => of[_random.Next(of.Count)];

    private static string Cut(CrmField field, string text) => text.Length > field.Length ? text[..field.Length] : text;
}
