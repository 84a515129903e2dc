using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>A call before it is sent; as often as it has to be.</summary>
internal sealed record CrmRequest(CrmMethod Method)
{
    // names with accents are sent as they are
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>By its API name; empty for a call of no module.</summary>
    public string Module { get; init; } = "";

    /// <summary>What the path names.</summary>
    public string Id { get; init; } = "";

    public IReadOnlyList<(string Name, string Value)> Query { get; init; } = [];

    public JsonNode? Body { get; init; }

    public DateTimeOffset? ModifiedSince { get; init; }

    /// <summary>How many records are sent or rows asked for.</summary>
    public int Size { get; init; } = 1;

    public IEnumerable<string> Scopes => Method.ScopesFor(Module);

    public int Credits => Method.Credits(Size);

    public bool IsSubLimited => Method.SubLimit switch
    {
        CrmSubLimit.Never => false,
        CrmSubLimit.Always => true,
        CrmSubLimit.WhenLarge => Size > 10,
        CrmSubLimit.WhenSorted => Query.Any(one => one.Name == "sort_by"),
    };

    public HttpRequestMessage ToMessage(string apiHost)
    {
        var address = new StringBuilder("https://").Append(apiHost).Append(Method.Path
            .Replace("{module}", Uri.EscapeDataString(Module), StringComparison.Ordinal)
            .Replace("{id}", Uri.EscapeDataString(Id), StringComparison.Ordinal));
        for (var i = 0; i < Query.Count; i++)
        {
            address.Append(i == 0 ? '?' : '&').Append(Query[i].Name).Append('=').Append(Uri.EscapeDataString(Query[i].Value));
        }

        var message = new HttpRequestMessage(Method.Verb, address.ToString());
        if (Body is not null)
        {
            message.Content = new StringContent(Body.ToJsonString(Json), Encoding.UTF8, "application/json");
        }

        if (ModifiedSince is { } since)
        {
            // Zoho wants a time with its offset, which is not what HTTP has there and .NET would write
            message.Headers.TryAddWithoutValidation("If-Modified-Since", CrmTimes.Write(since));
        }

        return message;
    }
}
