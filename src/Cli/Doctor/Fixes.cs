using ZohoPlatform.Api.Connections;

namespace ZohoPlatform.Cli.Doctor;

/// <summary>The one thing to do about a cause, by its code; null where the message says it, or nothing is to be done.</summary>
internal static class Fixes
{
    public static string? Of(string? code, Connection? connection) => code switch
    {
        "client_not_configured" => "Make a client at https://api-console.zoho.com (your data centre's own console), then: "
            + "zoho settings set zoho --client-id ID --client-secret --region CODE",
        "client_secret_missing" => "zoho settings set zoho --client-secret",
        "client_secret_refused" => "zoho settings set zoho --client-secret, with the secret as the API console shows it",
        "client_refused" => "zoho settings set zoho --client-id ID, with the id as the API console shows it; or switch the data centre on there "
            + "(Settings, Multi DC)",
        "client_changed" => $"zoho settings set zoho --client-id ID, with the former one; or, for the new client: {Again(connection)}",
        "integration_disabled" => "zoho settings set zoho --enabled yes",
        "api_domain_elsewhere" => "zoho settings set zoho --api-domain \"\"",
        "scopes_missing" => $"{Again(connection)}, and accept everything",
        "grant_revoked" or "refresh_token_invalid" or "not_connected" or "zoho_token_refused" => Again(connection),
        "connection_not_chosen" => connection is null ? Again(connection) : $"zoho connections use {connection.Id} campaigns",
        "list_key_missing" or "list_not_found" or "list_deleted" =>
            "zoho settings set zoho --list KEY, with one that zoho campaigns lists shows",
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
