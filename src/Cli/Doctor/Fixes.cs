using ZohoPlatform.Api.Connections;

namespace ZohoPlatform.Cli.Doctor;

/// <summary>The one thing to do about a cause, by its code; null where the message says it, or nothing is to be done.</summary>
internal static class Fixes
{
    private const string Settings = "POST /api/settings/integrations/zoho";

    public static string? Of(string? code, Connection? connection) => code switch
    {
        "client_not_configured" => "Make a client at https://api-console.zoho.com (your data centre's own console) and send client_id, client_secret and "
            + $"region to {Settings}.",
        "client_secret_missing" => $"Send client_secret to {Settings}.",
        "client_secret_refused" => $"Send client_secret, as the API console shows it, to {Settings}.",
        "client_refused" => $"Send client_id, as the API console shows it, to {Settings}; or switch the data centre on there (Settings, Multi DC).",
        "client_changed" => $"Send the former client_id to {Settings}; or, for the new client: {Again(connection)}",
        "integration_disabled" => $"Send {{\"enabled\": true}} to {Settings}.",
        "api_domain_elsewhere" => $"Send {{\"api_domain\": \"\"}} to {Settings}.",
        "scopes_missing" => $"{Again(connection)}, and accept everything",
        "grant_revoked" or "refresh_token_invalid" or "not_connected" or "zoho_token_refused" => Again(connection),
        "connection_not_chosen" => connection is null ? Again(connection) : $"zoho connections use {connection.Id} campaigns",
        "list_key_missing" or "list_not_found" or "list_deleted" =>
            $"zoho campaigns lists shows the keys; send one as campaigns_list_key to {Settings}.",
        _ => null,
    };

    /// <summary>The command that renews this connection, and no other.</summary>
    public static string Again(Connection? connection)
    {
        if (connection is null)
        {
            return "zoho connect zoho --features campaigns";
        }

        var owner = connection.Owner == "company" ? "" : $" --owner \"{connection.Owner}\"";
        return $"zoho connect {connection.Provider} --features {string.Join(',', connection.Features)}{owner}";
    }
}
