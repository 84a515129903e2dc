using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Settings;

namespace ZohoPlatform.Cli.Doctor;

/// <summary>The one thing to do about a cause.</summary>
/// <param name="settings">Of Zoho; null where they were not seen.</param>
internal sealed class Fixes(ZohoSettings? settings)
{
    private const string Zoho = "zoho";

    /// <summary>By the cause's code; null where the message says it, or nothing is to be done.</summary>
    /// <param name="code">The cause.</param>
    /// <param name="connection">What it befell; null for none.</param>
    public string? Of(string? code, Connection? connection)
    {
        var set = $"zoho settings set {connection?.Provider ?? Zoho}";
        var shown = connection is null or { Provider: Zoho } ? "as the API console shows it" : "as the provider shows it";
        return code switch
        {
            "client_not_configured" => connection is null or { Provider: Zoho }
                ? "Make a client at https://api-console.zoho.com (your data centre's own console), then: "
                    + "zoho settings set zoho --client-id ID --client-secret --region CODE"
                : $"{set} --client-id ID --client-secret",
            "client_secret_missing" => $"{set} {SecretOf(connection)}",
            "client_secret_refused" => $"{set} {SecretOf(connection)}, with the secret {shown}",
            "client_refused" => connection is null or { Provider: Zoho }
                ? $"{set} --client-id ID, with the id {shown}; or switch the data centre on there (Settings, Multi DC)"
                : $"{set} --client-id ID, with the id {shown}",
            "client_changed" => $"{set} --client-id ID, with the former one; or, for the new client: {Again(connection)}",
            "integration_disabled" => $"{set} --enabled yes",
            "api_domain_elsewhere" => "zoho settings set zoho --api-domain \"\"",
            "scopes_missing" => $"{Again(connection)}, and accept everything",
            "grant_revoked" or "refresh_token_invalid" or "not_connected" or "zoho_token_refused" => Again(connection),
            "connection_not_chosen" => connection is null ? Again(connection) : $"zoho connections use {connection.Id} campaigns",
            "list_key_missing" or "list_not_found" or "list_deleted" =>
                "zoho settings set zoho --list KEY, with one that zoho campaigns lists shows",
            _ => null,
        };
    }

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

    // the common secret goes on being right elsewhere
    private string SecretOf(Connection? connection) =>
        connection?.DataCentre is { } dataCentre
        && (dataCentre != settings?.Region || settings.ClientSecrets?.ContainsKey(dataCentre) is true)
            ? $"--client-secret --secret-of {dataCentre}"
            : "--client-secret";
}
