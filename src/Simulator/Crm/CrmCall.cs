using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.World;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>
/// One call to an operation, with all that it may look at. <c>Arrival</c> is the organisation's sequence when it came in.
/// </summary>
internal sealed record CrmCall(
    CrmOrganisation Organisation, ZohoUser Zoho, AccessToken Token, string ApiHost, IReadOnlyDictionary<string, string> Path,
    IQueryCollection Query, IHeaderDictionary Headers, JsonNode? Body, DateTimeOffset Now, CrmSettings Settings, long Arrival)
{
    private const int MostIds = 100;

    public long User => Organisation.IdOf(Zoho);

    /// <summary>Credits beyond what the operation costs at least.</summary>
    public int ExtraCredits { get; set; }

    /// <summary>The records that this call has made so far.</summary>
    public HashSet<long> Made { get; } = [];

    /// <summary>The module in the address, which must be there.</summary>
    public CrmModule Module => FindModule(Path["module"]) ?? throw new CrmRefusal(CrmError.InvalidModule());

    /// <summary>A parameter's value; null when it is missing or empty.</summary>
    public string? this[string name] => Query.TryGetValue(name, out var value) && value is [{ Length: > 0 } text, ..] ? text : null;

    /// <summary>Whether a module can be named in an address: Notes have operations of their own.</summary>
    public CrmModule? FindModule(string apiName) => Organisation.FindModule(apiName);

    public bool PathId(string name, out long id) => CrmOrganisation.TryId(Path[name], out id);

    /// <summary>The record in the address, or the refusal of calls below a record.</summary>
    public CrmRecord Parent(CrmModule module) =>
        PathId("id", out var id) && module.Find(id) is { Conversion: null } record
            ? record
            : throw new CrmRefusal(CrmError.InvalidPath(1, "the related id given seems to be invalid"));

    public int Number(string name, int usual, int least, int most)
    {
        if (this[name] is not { } text)
        {
            return usual;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new CrmRefusal(CrmError.WrongParameter(name));
    }

    /// <summary>A time in a header such as If-Modified-Since; null when the header is missing.</summary>
    public DateTimeOffset? Time(string header)
    {
        var value = Headers[header];
        return StringValues.IsNullOrEmpty(value)
            ? null
            : CrmTime.Read(value) ?? throw new CrmRefusal(CrmError.WrongParameter(header));
    }

    /// <summary>The ids of a parameter, a hundred at most; null when it is missing.</summary>
    public IReadOnlyList<long>? Ids(string name)
    {
        if (this[name] is not { } text)
        {
            return null;
        }

        var ids = new List<long>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            ids.Add(CrmOrganisation.TryId(part, out var id)
                ? id
                : throw new CrmRefusal(new("UNABLE_TO_PARSE_DATA_TYPE", "unable to parse the data type", new() { ["param_name"] = name })));
        }

        return ids.Count <= MostIds
            ? ids
            : throw new CrmRefusal(new("LIMIT_EXCEEDED", "Max limit exceeded", new() { ["limit"] = MostIds, ["param_name"] = name }));
    }

    /// <summary>The objects of the body's array, between one and <paramref name="most"/>.</summary>
    public IReadOnlyList<JsonObject> Items(string key, int most)
    {
        var path = $"$.{key}";
        if (Body is not JsonObject body)
        {
            throw new CrmRefusal(CrmError.Invalid("body", new() { ["expected_data_type"] = "jsonobject" }));
        }

        var items = body[key] switch
        {
            null => throw new CrmRefusal(CrmError.Missing(key, path)),
            JsonArray { Count: > 0 } array => array,
            _ => throw new CrmRefusal(CrmError.WrongType(key, path, "jsonarray")),
        };
        if (items.Count > most)
        {
            throw new CrmRefusal(CrmError.TooMany(key, path, most));
        }

        return [.. items.Select((item, i) => item as JsonObject
            ?? throw new CrmRefusal(CrmError.WrongType(key, $"{path}[{i}]", "jsonobject")))];
    }

    /// <summary>Demands a scope that only the body tells.</summary>
    public void Demand(string scope)
    {
        if (!CrmScopes.Allow(Token.Consent.Scopes, scope))
        {
            throw new CrmRefusal(CrmScopes.Mismatch(Settings));
        }
    }
}
