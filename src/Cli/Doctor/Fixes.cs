using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Settings;

namespace ZohoPlatform.Cli.Doctor;

/// <summary>The one thing to do about a cause.</summary>
/// <param name="settings">Of Zoho; null where they were not seen.</param>
internal sealed class Fixes(ZohoSettings? settings)
{
    private const string Zoho = "zoho";

    // a command ends with its sentence's part: what follows a comma or a semicolon is for the person who runs it
    private static readonly Dictionary<string, Func<Fixes, Connection?, string?, string>> ByCode = new(StringComparer.Ordinal)
    {
        ["client_not_configured"] = (_, connection, _) => IsOfZoho(connection)
            ? "Make a client at https://api-console.zoho.com (your data centre's own console), then: "
                + "zoho settings set zoho --client-id ID --client-secret --region CODE"
            : $"{Set(connection)} --client-id ID --client-secret",
        ["client_secret_missing"] = (fixes, connection, _) => $"{Set(connection)} {fixes.SecretOf(connection)}",
        ["client_secret_refused"] = (fixes, connection, _) =>
            $"{Set(connection)} {fixes.SecretOf(connection)}, with the secret as {Shown(connection)} shows it",
        // the id is the one that it was connected with: it was right then
        ["client_refused"] = (fixes, connection, _) =>
            (IsOfZoho(connection) ? "Switch the data centre on for the client in the API console (Settings, Multi DC). " : "")
            + $"Where the client is gone: {Set(connection)} --client-id ID --client-secret, with those of a new one; then: {fixes.Again(connection)}",
        ["client_changed"] = (fixes, connection, _) =>
            $"{Set(connection)} --client-id ID, with the former one; or, for the new client: {fixes.Again(connection)}",
        ["integration_disabled"] = (_, connection, _) => $"{Set(connection)} --enabled yes",
        ["api_domain_elsewhere"] = (_, connection, _) => $"{Set(connection)} --api-domain \"\"",
        ["scopes_missing"] = (fixes, connection, _) => $"{fixes.Again(connection)}, and accept everything",
        ["grant_refused_once"] = (_, _, _) => "zoho doctor, in some seconds: then it is known whether the grant is gone",
        ["grant_revoked"] = (fixes, connection, _) => fixes.Again(connection),
        ["not_connected"] = (fixes, connection, _) => fixes.Again(connection),
        ["connection_not_chosen"] = (fixes, connection, _) =>
            connection is null ? fixes.Again(connection) : $"zoho connections use {connection.Id} campaigns",
        ["zoho_token_refused"] = (fixes, connection, _) => $"{fixes.Again(connection)}, as somebody who has the product that refuses it",
        ["deletions_to_confirm"] = (_, _, module) => $"zoho feeds confirm-deletions {module} --delete, or with --keep where they shall stay",
        ["list_key_missing"] = (_, _, _) => AnotherList,
        ["list_not_found"] = (_, _, _) => AnotherList,
    };

    private const string AnotherList = "zoho settings set zoho --list KEY, with one that zoho campaigns lists shows";

    /// <summary>All that it knows what to do about.</summary>
    public static IReadOnlyCollection<string> Codes => ByCode.Keys;

    /// <summary>By the cause's code; null where the message says it, or nothing is to be done.</summary>
    /// <param name="code">The cause.</param>
    /// <param name="connection">What it befell; null for none.</param>
    /// <param name="module">Of a CRM; null for none.</param>
    public string? Of(string? code, Connection? connection, string? module = null) =>
        code is not null && ByCode.TryGetValue(code, out var fix) ? fix(this, connection, module) : null;

    /// <summary>The command that renews this connection, and no other.</summary>
    public string Again(Connection? connection)
    {
        if (connection is null)
        {
            return "zoho connect zoho --features campaigns";
        }

        var place = connection.DataCentre is { } dataCentre && dataCentre != settings?.Region ? $" --data-centre {dataCentre}" : "";
        var owner = connection.Owner == "company" ? "" : $" --owner \"{connection.Owner}\"";
        return $"zoho connect {connection.Provider} --features {string.Join(',', connection.Features)}{place}{owner}";
    }

    /// <summary>The command that has the CRM served, by what is connected already where something is.</summary>
    public string WithCrm(IEnumerable<Connection> connections) => connections.FirstOrDefault(connection => connection is { Provider: Zoho, Owner: "company" }) is { } known
        ? Again(known with { Features = [.. known.Features.Append("crm").Distinct(StringComparer.Ordinal)] })
        : $"zoho connect {Zoho} --features crm";

    private static bool IsOfZoho(Connection? connection) => connection is null or { Provider: Zoho };

    private static string Set(Connection? connection) => $"zoho settings set {connection?.Provider ?? Zoho}";

    private static string Shown(Connection? connection) => IsOfZoho(connection) ? "the API console" : "the provider";

    // the common secret goes on being right elsewhere
    private string SecretOf(Connection? connection) =>
        connection?.DataCentre is { } dataCentre
        && (dataCentre != settings?.Region || settings.ClientSecrets?.ContainsKey(dataCentre) is true)
            ? $"--client-secret --secret-of {dataCentre}"
            : "--client-secret";
}
