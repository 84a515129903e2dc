using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Rest;
using static ZohoPlatform.Gateway.Rest.ContractValues;

namespace ZohoPlatform.Gateway.Campaigns;

internal static class ContactMapping
{
    extension(ContactFields fields)
    {
        public RegistrationFields ToContract() => new()
        {
            Email = fields.Email ?? "",
            FirstName = fields.FirstName ?? "",
            LastName = fields.LastName ?? "",
            Country = fields.Country ?? "",
            Company = fields.Company ?? "",
            Phone = fields.Phone ?? "",
            PreferredLanguage = fields.PreferredLanguage ?? "",
            ProductionType = fields.ProductionType ?? "",
            Category = fields.Category ?? "",
        };
    }

    extension(RegistrationFields fields)
    {
        public ContactFields ToApi() => new(fields.Email)
        {
            FirstName = OrNull(fields.FirstName),
            LastName = OrNull(fields.LastName),
            Country = OrNull(fields.Country),
            Company = OrNull(fields.Company),
            Phone = OrNull(fields.Phone),
            PreferredLanguage = OrNull(fields.PreferredLanguage),
            ProductionType = OrNull(fields.ProductionType),
            Category = OrNull(fields.Category),
        };
    }

    extension(Registration registration)
    {
        public Contact ToApi() => new(
            registration.Id,
            registration.Status.As<ContactStatus>(),
            OrNull(registration.Code),
            OrNull(registration.Message),
            registration.Attempts,
            Time(registration.NextAttemptAt),
            Time(registration.CreatedAt),
            Time(registration.UpdatedAt),
            registration.Fields.ToApi())
        {
            ConnectionId = OrNull(registration.ConnectionId),
            Account = OrNull(registration.AccountName),
        };
    }
}
