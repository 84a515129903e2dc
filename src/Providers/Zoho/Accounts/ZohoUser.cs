namespace ZohoPlatform.Providers.Zoho.Accounts;

/// <summary>The person who gave the grant.</summary>
/// <param name="Zuid">Zoho's id of the account, digits.</param>
/// <param name="Email">The account's address; null where Zoho does not say.</param>
/// <param name="DisplayName">As the person is called in Zoho; null where Zoho does not say.</param>
public sealed record ZohoUser(string Zuid, string? Email, string? DisplayName);
