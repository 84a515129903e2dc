using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>A call before it is sent; as often as it has to be.</summary>
internal sealed record FinanceRequest(FinanceProduct Product, FinanceMethod Method)
{
    // names with accents are sent as they are
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whose records; empty for a call of none.</summary>
    public string Organization { get; init; } = "";

    /// <summary>Null for a call of no kind of record.</summary>
    public FinanceEntity? Entity { get; init; }

    /// <summary>What the path names; empty for a list.</summary>
    public string Id { get; init; } = "";

    public IReadOnlyList<(string Name, string Value)> Query { get; init; } = [];

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public JsonNode? Body { get; init; }

    /// <summary>What a grant must cover.</summary>
    public IEnumerable<string> Scopes => Entity == FinanceEntity.Items && Product == FinanceProduct.Inventory
        ? [Scope(Entity.ScopeArea), Scope("items")]
        : [Scope(Entity?.ScopeArea ?? "settings")];

    public HttpRequestMessage ToMessage(string apiHost)
    {
        var address = new StringBuilder("https://").Append(apiHost).Append(Product.Path).Append('/').Append(Entity?.Name ?? "organizations");
        if (Id.Length > 0)
        {
            address.Append('/').Append(Uri.EscapeDataString(Id));
        }

        IEnumerable<(string Name, string Value)> query = Organization.Length > 0 ? Query.Prepend(("organization_id", Organization)) : Query;
        foreach (var ((name, value), i) in query.Select((one, i) => (one, i)))
        {
            address.Append(i == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        var message = new HttpRequestMessage(Method.Verb, address.ToString());
        if (Product.OrganizationHeader is { } header && Organization.Length > 0)
        {
            message.Headers.TryAddWithoutValidation(header, Organization);
        }

        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (Body is not null)
        {
            message.Content = new StringContent(Body.ToJsonString(Json), Encoding.UTF8, "application/json");
        }

        return message;
    }

    private string Scope(string area) => $"{Product.ScopePrefix}.{area}.{Method.Right}";
}
